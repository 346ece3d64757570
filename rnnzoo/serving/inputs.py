"""Inputs as a client sends them."""

import base64
from pathlib import Path
from typing import Any

import numpy as np


def to_json(value: Any) -> Any:
    """Arrays as lists, bytes as base64."""
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray | np.generic):
        return to_json(value.tolist())
    if isinstance(value, list | tuple):
        return [to_json(x) for x in value]
    return value


def to_text(raw: Any, index: int) -> str | bytes:
    """The text, or `TypeError`."""
    if isinstance(raw, str | bytes):
        return raw
    raise TypeError(
        f"A text must be a str or bytes in UTF-8. Received: inputs[{index}] is of type "
        f"{type(raw).__name__}"
    )


def to_file(raw: Any, index: int) -> bytes:
    """The bytes of an image, or `TypeError` or `FileNotFoundError`."""
    if isinstance(raw, bytes):
        return raw
    if isinstance(raw, str | Path):
        if not Path(raw).is_file():
            raise FileNotFoundError(
                "An image given as text must be the path of a file. Received: "
                f"inputs[{index}] is {str(raw)!r}, and there is no such file"
            )
        return Path(raw).read_bytes()
    raise TypeError(
        "An image must be a path, the bytes of an image file, or an array. "
        f"Received: inputs[{index}] is of type {type(raw).__name__}"
    )


def to_pixels(array: np.ndarray, index: int) -> np.ndarray:
    """Floats from 0 to 1, of shape `(height, width, channels)`, or `ValueError`."""
    image = array[..., None] if array.ndim == 2 else array
    if image.ndim != 3 or image.dtype.kind not in "buf":
        raise ValueError(
            "An image must have shape (height, width) or (height, width, channels), of "
            "unsigned integers, booleans or floats. Received: "
            f"inputs[{index}] of {array.dtype} has shape {array.shape}"
        )
    top = np.iinfo(image.dtype).max if image.dtype.kind == "u" else 1
    return image.astype("float32") / top
