"""Outputs of a model as JSON."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from rnnzoo.serving.errors import invalid


def to_json(outputs: Mapping[str, np.ndarray], by_row: bool) -> bytes:
    """Writes outputs as TensorFlow Serving does.

    A single output has no name. Strings are UTF-8; those of outputs whose name ends in
    `_bytes` become `{"b64": …}`. Numbers that are not finite become `NaN` and
    `Infinity`.

    Args:
        outputs: An array for each output.
        by_row: `{"predictions": [row, …]}` instead of `{"outputs": columns}`.

    Raises:
        ServingError: `INVALID_ARGUMENT` if the outputs have no rows.
    """
    arrays = {name: _widen(outputs[name]) for name in sorted(outputs)}
    is_finite = all(
        x.dtype.kind != "f" or np.isfinite(x).all() for x in arrays.values()
    )
    columns = {name: _column(name, x, is_finite) for name, x in arrays.items()}
    if by_row:
        lengths = {array.shape[:1] for array in arrays.values()}
        if len(lengths) != 1 or lengths == {()}:
            raise invalid(
                "The outputs have no rows of one number. Ask for them by column, with "
                "'inputs'"
            )
        answer: Any = [
            dict(zip(columns, row, strict=True))
            for row in zip(*columns.values(), strict=True)
        ]
        if len(columns) == 1:
            answer = [*next(iter(columns.values()))]
    else:
        answer = columns if len(columns) > 1 else next(iter(columns.values()))
    content = {"predictions" if by_row else "outputs": answer}
    if is_finite:  # as short as float32 allows: 0.9 instead of 0.8999999761581421
        return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    return json.dumps(content, ensure_ascii=False).encode()


def _widen(array: np.ndarray) -> np.ndarray:
    """Converts float16, bfloat16 and the like to float32."""
    is_small = array.dtype.kind == "V" or array.dtype == np.float16
    return np.ascontiguousarray(array.astype("float32")) if is_small else array


def _column(name: str, array: np.ndarray, as_array: bool) -> Any:
    if array.dtype.kind in "OSU":
        return _strings(array.tolist(), name.endswith("_bytes"))
    if not as_array:
        return array.tolist()
    return np.ascontiguousarray(array) if array.ndim else array[()]


def _strings(value: Any, as_bytes: bool) -> Any:
    if isinstance(value, list):
        return [_strings(x, as_bytes) for x in value]
    if isinstance(value, str):
        value = value.encode()
    if as_bytes:
        return {"b64": base64.b64encode(value).decode()}
    return value.decode("utf-8", errors="replace")
