"""Types and shapes of a signature's tensors, and arrays from JSON."""

import base64
import binascii
import re
from collections.abc import Mapping
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from rnnzoo.serving.errors import ServingError, invalid, shorten

_MAX_RANK = 32
# JSON types of an element, by the kind of NumPy's type.
_JSON_TYPES: dict[str, set[type]] = {
    "b": {bool},
    "f": {int, float},
    "i": {int},
    "u": {int},
}


class Spec(NamedTuple):
    """Type and shape of an input or output; -1 is any size, `None` any rank.

    Args:
        dtype: NumPy's name of the type; `"object"` for strings.
        name: TensorFlow's name of the type, for errors.
        shape: Sizes, or `None`.
    """

    dtype: str
    name: str
    shape: tuple[int, ...] | None

    @property
    def has_rows(self) -> bool:
        """Whether the first axis may have any size."""
        return bool(self.shape) and self.shape[0] == -1  # type: ignore[index]


def check_shape(shape: tuple[int, ...], spec: Spec, name: str) -> None:
    """Raises `ServingError` if an array of this shape does not fit."""
    expected = spec.shape
    if expected is None:
        return
    fits = len(shape) == len(expected) and all(
        size in (-1, got) for size, got in zip(expected, shape, strict=True)
    )
    if not fits:
        raise invalid(
            f"Input {name!r} must have shape {_in_words(expected)}. Received: shape "
            f"{_in_words(shape)}"
        )


def _in_words(shape: tuple[int, ...]) -> str:
    return f"[{','.join('?' if size == -1 else str(size) for size in shape)}]"


def check_names(received: Any, expected: Any) -> None:
    """Raises `ServingError` if inputs are missing or not known."""
    missing = sorted(set(expected) - set(received))
    extra = [shorten(name) for name in sorted(set(received) - set(expected))[:8]]
    if missing or extra:
        raise invalid(
            f"Inputs must be {{{','.join(sorted(expected))}}}. Sent extra: "
            f"{{{','.join(extra)}}}. Missing but required: {{{','.join(missing)}}}"
        )


def to_array(value: Any, spec: Spec, name: str) -> np.ndarray:
    """Returns the array of nested lists from JSON, without converting types.

    Args:
        value: A value, or lists of them.
        spec: Expected type and shape.
        name: Name of the input in errors.

    Returns:
        An array; strings become bytes.

    Raises:
        ServingError: `INVALID_ARGUMENT` if types or shape do not fit.
    """
    shape, values = _flatten(value, name)
    check_shape(shape, spec, name)
    if spec.dtype == "object":
        array = np.empty(len(values), object)
        array[:] = [_to_bytes(x, name) for x in values]
        return array.reshape(shape)
    return _to_numbers(values, spec, name).reshape(shape)


def _flatten(value: Any, name: str) -> tuple[tuple[int, ...], list[Any]]:
    shape: list[int] = []
    values = [value]
    while values and type(values[0]) is list:
        size = len(values[0])
        if any(type(x) is not list or len(x) != size for x in values):
            raise invalid(
                f"Lists of input {name!r} must be of one size at level {len(shape)}: "
                f"{size}. Received: others"
            )
        shape.append(size)
        if len(shape) > _MAX_RANK:
            raise invalid(f"Lists of input {name!r} are nested too deeply")
        values = list(chain.from_iterable(values))
    return tuple(shape), values


def _type_error(value: Any, spec_name: str, name: str) -> ServingError:
    return invalid(
        f"Input {name!r} must be of type {spec_name}. Received: {shorten(value)}"
    )


def _to_bytes(value: Any, name: str) -> bytes:
    if type(value) is str:
        return value.encode("utf-8")
    if type(value) is dict:
        text = value.get("b64")
        if len(value) == 1 and type(text) is str:
            return _decode(text, name)
    raise _type_error(value, 'string, or {"b64": string}', name)


def _decode(text: str, name: str) -> bytes:
    text = re.sub(r"\s", "", text, flags=re.ASCII).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(f"Unable to base64 decode input {name!r}: {error}") from error


def _to_numbers(values: list[Any], spec: Spec, name: str) -> np.ndarray:
    try:
        dtype = np.dtype(spec.dtype)
    except TypeError:
        dtype = np.dtype("V")
    allowed = _JSON_TYPES.get(dtype.kind)
    if allowed is None:
        raise invalid(f"Input {name!r} is of type {spec.name}, which JSON cannot hold")
    if not set(map(type, values)) <= allowed:
        wrong = next(x for x in values if type(x) not in allowed)
        raise _type_error(wrong, spec.name, name)
    if dtype.kind == "b":
        return np.array(values, bool)
    if dtype.kind in "iu":
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    else:
        # Whole numbers must not change; decimals are rounded.
        high = 2 ** (np.finfo(dtype).nmant + 1)
        low = -high
    for value in values:
        if type(value) is int and not low <= value <= high:
            raise invalid(
                f"Cannot convert JSON value: {value} to {spec.name} without loss of "
                f"precision, input {name!r}"
            )
    with np.errstate(over="ignore"):
        array = np.array(values, dtype)
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise invalid(f"A number of input {name!r} is too large for {spec.name}")
    return array


def rows_to_arrays(rows: list[Any], specs: Mapping[str, Spec]) -> dict[str, np.ndarray]:
    """Returns the arrays of `"instances"`.

    Args:
        rows: A value for each row if there is one input, or an object of inputs.
        specs: Inputs of the signature.

    Raises:
        ServingError: `INVALID_ARGUMENT` if they do not fit.
    """
    if not is_object(rows[0]):
        if len(specs) > 1:
            raise invalid(
                "instances is a plain list, but expecting list of objects as multiple "
                f"inputs are required: {{{','.join(sorted(specs))}}}"
            )
        for i, row in enumerate(rows):
            if is_object(row):
                raise invalid(f"Expecting value/list but got object at item {i}")
        (name,) = specs
        return {name: to_array(rows, specs[name], name)}
    for i, row in enumerate(rows):
        if not is_object(row):
            raise invalid(f"Expecting object but got value/list at item {i}")
        check_names(row, specs)
    return {n: to_array([row[n] for row in rows], s, n) for n, s in specs.items()}


def columns_to_arrays(inputs: Any, specs: Mapping[str, Spec]) -> dict[str, np.ndarray]:
    """Returns the arrays of `"inputs"`: one value or list, or an object of them.

    Raises:
        ServingError: `INVALID_ARGUMENT` if they do not fit.
    """
    if not is_object(inputs):
        if len(specs) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple "
                f"inputs are required: {{{','.join(sorted(specs))}}}"
            )
        inputs = dict.fromkeys(specs, inputs)
    check_names(inputs, specs)
    return {name: to_array(inputs[name], spec, name) for name, spec in specs.items()}


def is_object(value: Any) -> bool:
    """Whether a JSON value is an object and not bytes in base64."""
    return type(value) is dict and not (
        len(value) == 1 and type(value.get("b64")) is str
    )
