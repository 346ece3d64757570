"""Images of any kind as the pixels that a network takes, in NumPy and Pillow."""

import io
from typing import Any

import numpy as np

MAX_PIXELS = 25_000_000  # an image with more is refused before it is decoded
LUMINANCE = np.array([0.299, 0.587, 0.114], "float32")  # of red, green and blue


def read_image(raw: Any, name: str) -> np.ndarray:
    """The pixels of a path, of the bytes of an image file, or of an array: uint8 or
    float32 of shape `(height, width, c)`, where `c` is 1, 3 or 4."""
    if isinstance(raw, np.ndarray):
        image = raw[..., None] if raw.ndim == 2 else raw
        is_known = image.dtype == np.uint8 or image.dtype.kind == "f"
        if image.ndim != 3 or image.shape[-1] not in (1, 3, 4) or not is_known:
            raise ValueError(
                "An image must have shape (height, width), or (height, width, "
                "channels) with 1, 3 or 4 channels, and be of uint8 or of floats. "
                "Received: "
                f"{name} of shape {raw.shape} and {raw.dtype}"
            )
        if not image.size or not (image.min() >= 0 and image.max() <= 255):
            raise ValueError(f"An image must be of numbers from 0. Received: {name}")
        return image
    from PIL import Image, ImageOps, UnidentifiedImageError

    if isinstance(raw, bytes):
        raw = io.BytesIO(raw)
    try:
        with Image.open(raw) as file:
            if file.width * file.height > MAX_PIXELS:
                raise ValueError(
                    f"An image may have {MAX_PIXELS:,} pixels at most. Received: "
                    f"{name} has {file.width} × {file.height}"
                )
            if file.mode.startswith("I"):  # of 16 bits the upper 8 are kept
                return (np.asarray(file)[..., None] >> 8).astype("uint8")
            return np.asarray(ImageOps.exif_transpose(file).convert("RGBA"))
    except (UnidentifiedImageError, SyntaxError) as error:
        raise ValueError(
            f"An image must be a whole file. Received: {name}: {error}"
        ) from error


def to_pixels(image: np.ndarray, channels: int) -> np.ndarray:
    """Floats from 0 to 1, on white, grey or in colour."""
    if image.dtype == np.uint8 and image.shape[-1] == 4:
        image = image.astype("float32")
        alpha = image[..., 3:] / 255
        image = np.round(image[..., :3] * alpha + (1 - alpha) * 255).astype("uint8")
    pixels = image.astype("float32") / (255 if image.dtype == np.uint8 else 1)
    if pixels.shape[-1] == 4:
        pixels = pixels[..., :3] * pixels[..., 3:] + 1 - pixels[..., 3:]
    if pixels.shape[-1] == channels:
        return pixels
    return np.repeat(pixels, 3, 2) if channels == 3 else (pixels @ LUMINANCE)[..., None]


def resize(image: np.ndarray, height: int, width: int, kind: str) -> np.ndarray:
    """Resizes pixels, smoothing what is made smaller; `kind` is `"bilinear"` or
    `"bicubic"`."""
    down = interpolate(image.shape[0], height, kind)
    across = interpolate(image.shape[1], width, kind)
    return np.einsum("yh,hwc,xw->yxc", down, image, across, optimize=True)


def interpolate(size: int, wanted: int, kind: str) -> np.ndarray:
    """How much each of `size` places counts in each of `wanted` ones."""
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
