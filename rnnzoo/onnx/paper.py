"""Finds ink on photographed paper, as `rnnzoo.images.paper` does, in NumPy."""

from typing import Any

import numpy as np

from rnnzoo.onnx.images import resize


def clean_ink(pixels: np.ndarray, rules: dict[str, Any]) -> np.ndarray:
    """Returns the ink of an image of a page, without lines, frames and specks.

    Args:
        pixels: Floats from 0 to 1, `(height, width)`.
        rules: The entry `reads.ink.page` of `signature.json`, with its reasons in
            `rnnzoo.images.paper`.

    Returns:
        Float32 array of shape `(any height, any width)`, from 0 (paper) to 1.
    """
    pixels = shrink(pixels, rules["side"])
    border = border_of(pixels)
    paper = np.sort(border)[len(border) // 2]
    noise = np.abs(border - paper).max()
    differs = np.abs(pixels - paper) > rules["plain"]
    is_plain = noise < rules["plain"] and differs.mean() < 0.5
    if is_plain:
        ink = np.abs(pixels - paper)
    else:
        ink = local_ink(mean_around(mean_around(pixels, 3), 3), rules)
    contrast = ink.max()
    least = rules["min_contrast"]
    if is_plain:
        least = max(rules["plain_contrast"], 2 * noise)
    ink = np.zeros_like(ink) if contrast < least else ink / max(contrast, 1e-6)
    drawn = ink > rules["plain_ink" if is_plain else "ink"]
    frame = find_frame(drawn, rules)
    ink = np.where(frame, 0, ink)
    kept = find_kept(drawn & ~frame, rules)
    # The edges of strokes are fainter: they count next to what is kept.
    return np.where(largest_around(kept, 5) > 0.5, ink, 0).astype("float32")


def border_of(pixels: np.ndarray) -> np.ndarray:
    """Returns the four sides of an image in one array."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def shrink(pixels: np.ndarray, side: int) -> np.ndarray:
    """Returns an image whose longest side is at most `side`."""
    longest = max(pixels.shape)
    if longest <= side:
        return pixels
    scale = np.float32(side) / np.float32(longest)
    height, width = (max(int(np.float32(size) * scale), 1) for size in pixels.shape)
    return resize(pixels[..., None], height, width, "bilinear")[..., 0]


def local_ink(pixels: np.ndarray, rules: dict[str, Any]) -> np.ndarray:
    """Returns the difference of each pixel from the paper around it."""
    side = max(3, round(rules["side"] * rules["patch"])) | 1
    is_dark = ((pixels - mean_around(pixels, side)) ** 3).sum() < 0
    pixels = pixels if is_dark else 1 - pixels
    paper = -largest_around(-largest_around(pixels, side), side)
    paper = np.maximum(mean_around(paper, side), pixels)
    return (paper - pixels) / (np.maximum(paper, rules["min_light"]) if is_dark else 1)


def windows(values: np.ndarray, side: int, outside: float) -> np.ndarray:
    """Returns windows of odd side about the places of axis 0, as a last axis."""
    margin = [(side // 2, side // 2), *[(0, 0)] * (values.ndim - 1)]
    padded = np.pad(values, margin, constant_values=outside)
    return np.lib.stride_tricks.sliding_window_view(padded, side, axis=0)


def largest_around(values: np.ndarray, side: int) -> np.ndarray:
    """Returns the maximum of a square of odd side about each place."""
    for _ in range(2):
        values = windows(values, side, -np.inf).max(axis=-1).T
    return values


def mean_around(values: np.ndarray, side: int) -> np.ndarray:
    """Returns the mean of a square of odd side about each place."""
    for _ in range(2):
        counts = windows(np.ones(len(values), "float32"), side, 0).sum(axis=-1)
        values = (windows(values, side, 0).sum(axis=-1) / counts[:, None]).T
    return values


def find_frame(drawn: np.ndarray, rules: dict[str, Any]) -> np.ndarray:
    """Returns which pixels lie in the four sides of a frame, or next to them."""
    found: list[np.ndarray] = []
    for axis in (0, 1):
        cover = drawn.mean(axis=1 - axis, dtype="float32")
        size = len(cover)
        place = np.arange(size)
        from_edge = np.minimum(place, size - 1 - place)
        is_near = from_edge < rules["frame_band"] * size
        is_side = (cover >= rules["frame"]) & is_near
        if not (is_side[: size // 2].any() and is_side[size // 2 :].any()):
            return np.zeros_like(drawn)
        found.append(windows(is_side, 3, 0).max(axis=-1))
    return found[0][:, None] | found[1]


def find_kept(drawn: np.ndarray, rules: dict[str, Any]) -> np.ndarray:
    """Returns 1.0 for pixels of parts other than frames, lines and specks, else 0.0."""
    height, width = drawn.shape
    # Squares of 2 × 2: half the way to go, and a gap of a pixel parts nothing.
    mask = np.pad(drawn, [(0, height % 2), (0, width % 2)])
    mask = mask.reshape(mask.shape[0] // 2, 2, -1, 2).max(axis=(1, 3))
    rows, columns = mask.shape
    part = find_parts(mask).reshape(-1)
    y, x = (place.reshape(-1) for place in np.indices(mask.shape))
    area = np.bincount(part, minlength=mask.size + 1)
    area[0] = 0

    def extent(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        low, high = np.full(len(area), mask.size), np.full(len(area), -1)
        np.minimum.at(low, part, place)
        np.maximum.at(high, part, place)
        return low, high

    (top, bottom), (left, right) = extent(y), extent(x)
    is_long = (bottom - top + 1 >= np.float32(rules["long"] * rows)) | (
        right - left + 1 >= np.float32(rules["long"] * columns)
    )
    at_edge = (top < 1) | (left < 1) | (bottom > rows - 2) | (right > columns - 2)
    is_other = (area > 0) & ~is_long & ~at_edge
    # A digit that fills the page, or runs off it, is all there is.
    has_other = np.where(is_other, area, 0).max() > (rules["min_area"] * rows * columns)
    is_kept = is_other if has_other else area > 0
    is_kept &= area >= rules["speck"] * np.where(is_kept, area, 0).max()
    kept = is_kept[part].reshape(mask.shape)
    kept = kept.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return (kept & drawn).astype("float32")


def find_parts(mask: np.ndarray) -> np.ndarray:
    """Returns a number for each 8-connected component of `mask`, 0 elsewhere."""
    labels = np.arange(1, mask.size + 1).reshape(mask.shape) * mask
    while True:
        around = np.pad(labels, 1)
        for _ in range(2):
            around = np.maximum(np.maximum(around[:-2], around[1:-1]), around[2:]).T
        more = around * mask
        # Labels point to places: take the label that the place has now.
        more = np.append(0, more)[more]
        if (more == labels).all():
            return labels
        labels = more
