"""Centres and scales ink on paper, as `rnnzoo.images.ink` does, in NumPy."""

from typing import Any

import numpy as np

from rnnzoo.onnx.images import resize
from rnnzoo.onnx.paper import border_of, clean_ink


def center_ink(
    image: np.ndarray, height: int, width: int, rules: dict[str, Any]
) -> np.ndarray:
    """Returns bright ink on black, centred and of one size.

    Args:
        image: Floats from 0 to 1, `(any height, any width, 1)`.
        height: Height wanted.
        width: Width wanted.
        rules: The entry `reads.ink` of `signature.json`, with its reasons in
            `rnnzoo.images.ink`.

    Returns:
        Float32 array of shape `(height, width, 1)`, from 0 (paper) to 1 (ink).
    """
    pixels = image[..., 0]
    if max(pixels.shape) > rules["cut_out"] * max(height, width):
        ink = clean_ink(pixels, rules["page"])
    else:
        ink = cut_out_ink(pixels, rules["min_contrast"])
    drawn = ink > rules["threshold"]
    if not drawn.any():
        return np.zeros((height, width, 1), "float32")
    (rows,), (columns,) = (np.nonzero(drawn.any(axis=axis)) for axis in (1, 0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    box = [round(side * rules["box"]) for side in (height, width)]
    scale = min(box[0] / ink.shape[0], box[1] / ink.shape[1])
    size = [max(int(np.round(side * scale)), 1) for side in ink.shape]
    ink = resize(ink[..., None], size[0], size[1], "bilinear")[..., 0]
    ink = ink / max(ink.max(), 1e-6)
    return deslant(put_in_the_middle(ink, height, width))[..., None]


def cut_out_ink(pixels: np.ndarray, min_contrast: float) -> np.ndarray:
    """Returns the difference of each pixel from the paper, from 0 to 1."""
    border = border_of(pixels)
    ink = np.abs(pixels - np.sort(border)[len(border) // 2])
    contrast = ink.max()
    return ink / contrast if contrast >= min_contrast else np.zeros_like(ink)


def moments(ink: np.ndarray) -> tuple[float, float, float]:
    """Returns row and column of the centre of mass, and the slant per row."""
    mass = max(float(ink.sum()), 1e-6)
    rows, columns = np.indices(ink.shape, "float32")
    row, column = (ink * rows).sum() / mass, (ink * columns).sum() / mass
    down, right = rows - row, columns - column
    spread = max(float((ink * down**2).sum()), 1e-6)
    slant = (ink * down * right).sum() / spread
    return row, column, float(np.clip(slant, -1.0, 1.0))


def put_in_the_middle(ink: np.ndarray, height: int, width: int) -> np.ndarray:
    """Centres ink on black, to less than a pixel."""
    row, column, _ = moments(ink)
    placed = np.zeros((height, width), "float32")
    top, left = (
        int(np.clip(np.ceil(side / 2 - 0.5 - center), 0, side - size))
        for center, side, size in zip(
            (row, column), placed.shape, ink.shape, strict=True
        )
    )
    placed[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return placed


def deslant(ink: np.ndarray) -> np.ndarray:
    """Shears ink about its centre of mass until it does not lean."""
    row, _, slant = moments(ink)
    rows, columns = np.indices(ink.shape)
    place = columns + slant * (rows - row)
    left = np.floor(place).astype(int)
    part = (place - left).astype("float32")

    def at(columns: np.ndarray) -> np.ndarray:
        inside = (columns >= 0) & (columns < ink.shape[1])
        return np.where(inside, ink[rows, np.clip(columns, 0, ink.shape[1] - 1)], 0)

    return ((1 - part) * at(left) + part * at(left + 1)).astype("float32")
