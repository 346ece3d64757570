"""Images to the pixels of a network, in NumPy and Pillow."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def read_image(raw: Any, name: str, max_pixels: int) -> np.ndarray:
    """Returns the pixels of an image.

    Args:
        raw: A path, the bytes of an image file, or an array of shape `(height, width)`
            or `(height, width, c)` where `c` is 1, 3 or 4, of uint8 or of floats from 0
            to 1. Files need Pillow.
        name: Name of the image in errors.
        max_pixels: A file with more pixels is refused before it is decoded.

    Returns:
        Array of shape `(height, width, c)`.

    Raises:
        TypeError, ValueError, OSError: If the image has a wrong type, is damaged, too
            large or out of range.
    """
    if isinstance(raw, np.ndarray):
        return _check_array(raw, name)
    if not isinstance(raw, str | bytes | Path):
        raise TypeError(
            "An image must be a path, the bytes of a file or an array. Received: "
            f"{name} is of type {type(raw).__name__}"
        )
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise ImportError(
            f"Image files need Pillow: pip install pillow. Received: {error}"
        ) from error
    data = raw if isinstance(raw, bytes) else Path(raw).read_bytes()
    try:
        with Image.open(io.BytesIO(data)) as file:
            if file.width * file.height > max_pixels:
                raise ValueError(
                    f"An image may have {max_pixels:,} pixels at most. Received: "
                    f"{name} has {file.width} × {file.height}"
                )
            if file.mode.startswith("I"):  # of 16 bits the upper 8 are kept
                return (np.asarray(file)[..., None] >> 8).astype("uint8")
            image = np.asarray(ImageOps.exif_transpose(file).convert("RGBA"))
    except (OSError, SyntaxError) as error:
        raise ValueError(
            f"An image must be a whole file. Received: {name}: {error}"
        ) from error
    alpha = image[..., 3:] / np.float32(255)
    return np.round(image[..., :3] * alpha + (1 - alpha) * 255).astype("uint8")


def _check_array(array: np.ndarray, name: str) -> np.ndarray:
    image = array[..., None] if array.ndim == 2 else array
    is_known = image.dtype == np.uint8 or image.dtype.kind == "f"
    fits = image.ndim == 3 and image.shape[-1] in (1, 3, 4) and image.size
    if not is_known or not fits:
        raise ValueError(
            "An image must have shape (height, width), or (height, width, channels) "
            "with 1, 3 or 4 channels, and be of uint8 or of floats. Received: "
            f"{name} of shape {array.shape} and {array.dtype}"
        )
    low, high = image.min(), image.max()
    if image.dtype.kind == "f" and not (low >= 0 and high <= 1):
        raise ValueError(
            f"An image of floats must be from 0 to 1. Received: {name} goes from "
            f"{low:g} to {high:g}"
        )
    return image


def to_pixels(
    image: np.ndarray, channels: int, luminance: Sequence[float]
) -> np.ndarray:
    """Returns floats from 0 to 1 on white, in colour or grey.

    Args:
        image: An array that `read_image` returned.
        channels: 1 or 3.
        luminance: Weights of red, green and blue in grey.
    """
    pixels = image.astype("float32") / (255 if image.dtype == np.uint8 else 1)
    if pixels.shape[-1] == 4:
        pixels = pixels[..., :3] * pixels[..., 3:] + 1 - pixels[..., 3:]
    if pixels.shape[-1] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, 2)
    return (pixels @ np.array(luminance, "float32"))[..., None]


def resize(image: np.ndarray, height: int, width: int, kind: str) -> np.ndarray:
    """Resizes pixels with antialiasing; `kind` is `"bilinear"` or `"bicubic"`."""
    down = interpolate(image.shape[0], height, kind)
    across = interpolate(image.shape[1], width, kind)
    return np.einsum("yh,hwc,xw->yxc", down, image, across, optimize=True)


def interpolate(size: int, wanted: int, kind: str) -> np.ndarray:
    """Returns weights of shape `(wanted, size)`."""
    if size == wanted:
        return np.eye(size, dtype="float32")
    stretch = max(size / wanted, 1.0)
    centers = (np.arange(wanted) + 0.5) * size / wanted
    places = np.arange(size) + 0.5
    x = np.abs(places[None] - centers[:, None]) / stretch
    if kind == "bilinear":
        weights = np.maximum(1 - x, 0)
    else:  # of Keys, 1981
        near = (1.5 * x - 2.5) * x * x + 1
        far = ((-0.5 * x + 2.5) * x - 4) * x + 2
        weights = np.where(x < 1, near, np.where(x < 2, far, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")
