"""How weights lie in an ONNX file: as they are, in half precision, or in bytes.

Whatever they are stored as, a graph computes with float32. What makes floats of them is
of constants alone, so that ONNX Runtime does it once, when it loads a file.
"""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

WEIGHTS = ("exact", "float32", "float16", "int8")
FEW = 1000  # numbers that are not worth being stored in another way
SHARING = 32  # numbers at least that have a scale together


def check_weights(weights: Any) -> str:
    """Returns a word for how weights are stored, or raises `ValueError`."""
    if weights not in WEIGHTS:
        raise ValueError(f"`weights` must be one of {WEIGHTS}. Received: {weights!r}")
    return str(weights)


def store(name: str, array: np.ndarray, weights: str) -> tuple[list[Any], list[Any]]:
    """A constant of a graph.

    Few numbers, numbers too large for half precision, and what is no float32 stay as
    they are.

    Args:
        name: What the graph calls the value.
        array: The value.
        weights: One of `WEIGHTS`. `"exact"` is half precision for those, such as the
            weights of presets, that are the very same in it, and float32 for others.
            `"float16"` rounds these to 11 bits. Of `"int8"` a row or column has 255
            levels, as far apart as its largest number asks; vectors, such as biases,
            and filters of few numbers are in half precision then.

    Returns:
        What is to be stored, and the nodes that make the value of it.
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
    """Levels from -127 to 127, int8, and scales, float32, whose product is close to the
    array. Filters, of rank 4, have a scale each; of other arrays that axis has scales
    with which it is closest. `None` if too few numbers would share a scale."""
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
