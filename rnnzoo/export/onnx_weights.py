"""Storage of weights in an ONNX file: exact, in half precision, or in bytes.

A graph always computes with float32. The conversion has constant inputs alone, so ONNX
Runtime does it once, when it loads a file.
"""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

WEIGHTS = ("exact", "float32", "float16", "int8")
FEW = 1000  # smaller arrays are stored as they are
SHARING = 32  # minimum of numbers for each scale


def check_weights(weights: Any) -> str:
    """Returns `weights`, or raises `ValueError` if it is none of `WEIGHTS`."""
    if weights not in WEIGHTS:
        raise ValueError(f"`weights` must be one of {WEIGHTS}. Received: {weights!r}")
    return str(weights)


def store(name: str, array: np.ndarray, weights: str) -> tuple[list[Any], list[Any]]:
    """Returns the stored tensors of a constant, and the nodes that compute its value.

    Small arrays, numbers too large for half precision, and types other than float32 are
    stored as they are.

    Args:
        name: Name of the value in the graph.
        array: The value.
        weights: One of `WEIGHTS`. `"exact"` is half precision where that is lossless,
            as for presets, else float32. `"float16"` rounds to 11 bits. `"int8"` has
            255 levels for each row or column; vectors and small filters are in half
            precision.
    """
    is_small = array.dtype != np.float32 or array.size <= FEW
    if is_small or weights == "float32":
        return [numpy_helper.from_array(array, name)], []
    if weights == "int8" and (found := quantize(array)) is not None:
        parts = zip((f"{name}.levels", f"{name}.scale"), found, strict=True)
        return [numpy_helper.from_array(value, key) for key, value in parts], [
            _cast(f"{name}.levels", f"{name}.floats"),
            helper.make_node("Mul", [f"{name}.floats", f"{name}.scale"], [name]),
        ]
    if np.abs(array).max() > np.finfo("float16").max:
        return [numpy_helper.from_array(array, name)], []
    half = array.astype("float16")
    if weights == "exact" and not np.array_equal(half, array):
        return [numpy_helper.from_array(array, name)], []
    stored = numpy_helper.from_array(half, f"{name}.half")
    return [stored], [_cast(f"{name}.half", name)]


def quantize(array: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns levels (int8, -127 to 127) and scales (float32) whose product is close to
    the array, or `None` if too few numbers share a scale. Filters have a scale each;
    other arrays one for each entry of the axis with the least error."""
    found = []
    for axis in range(array.ndim if array.ndim < 4 else 1):
        if array.shape[axis] == 1 or array.size < SHARING * array.shape[axis]:
            continue
        others = tuple(i for i in range(array.ndim) if i != axis)
        largest = np.abs(array).max(axis=others, keepdims=True)
        scale = np.where(largest > 0, largest / 127, 1).astype("float32")
        levels = np.rint(array / scale).astype("int8")
        found.append((float(np.square(levels * scale - array).sum()), levels, scale))
    return min(found, key=lambda each: each[0])[1:] if found else None


def _cast(stored: str, name: str) -> Any:
    return helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT)
