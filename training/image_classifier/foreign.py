"""Out-of-distribution images for classifiers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.core.made_up import noise, read_examples
from training.image_classifier.drawn_digits import Stroke
from training.image_classifier.drawn_pages import write_strokes

# Letters that look like no digit.
LETTERS: dict[str, tuple[Stroke, ...]] = {
    "A": (((0.15, 1), (0.5, 0), (0.5, 0), (0.85, 1)), ((0.28, 0.62), (0.72, 0.62))),
    "E": (((0.8, 0), (0.2, 0), (0.2, 0), (0.2, 1), (0.2, 1), (0.8, 1)),
          ((0.2, 0.5), (0.7, 0.5))),
    "H": (((0.2, 0), (0.2, 1)), ((0.8, 0), (0.8, 1)), ((0.2, 0.5), (0.8, 0.5))),
    "K": (((0.2, 0), (0.2, 1)), ((0.8, 0), (0.2, 0.55), (0.2, 0.55), (0.8, 1))),
    "M": (((0.1, 1), (0.15, 0), (0.15, 0), (0.5, 0.6), (0.5, 0.6), (0.85, 0),
           (0.85, 0), (0.9, 1)),),
    "R": (((0.2, 1), (0.2, 0), (0.2, 0), (0.7, 0.05), (0.75, 0.4), (0.2, 0.5)),
          ((0.4, 0.5), (0.8, 1))),
    "W": (((0.05, 0), (0.28, 1), (0.28, 1), (0.5, 0.35), (0.5, 0.35), (0.72, 1),
           (0.72, 1), (0.95, 0)),),
    "X": (((0.15, 0), (0.85, 1)), ((0.85, 0), (0.15, 1))),
}  # fmt: skip
SIDE = 100


def kinds(
    model: Any, builder: Any, data_dirs: Sequence[str | Path]
) -> dict[str, Callable[[int], list[Any]]]:
    """Returns makers of out-of-distribution inputs by kind."""

    def read(name: str, split: str, count: int) -> list[np.ndarray]:
        return read_examples(name, split, "image", count, data_dirs)

    if not model.is_ink:
        return {
            "handwritten digits": lambda count: read("mnist", "train", count),
            "photographs": lambda count: read("flickr8k", "validation", count),
            "noise": lambda count: noise(count, 0, (28, 28, 1)),
            "blank images": _blank,
        }
    return {
        "blank pages": _blank,
        "two digits side by side": lambda n: _pairs(read("mnist", "train", 2 * n)),
        "clothes": lambda count: read("fashion_mnist", "train", count),
        "letters": _letters,
    }


def _blank(count: int) -> list[np.ndarray]:
    """Returns pages of one brightness, half of them with a little noise."""
    rng = np.random.default_rng(0)
    pages = []
    for i in range(count // 2):
        page = np.full((SIDE, SIDE), rng.uniform(0, 255))
        page += rng.normal(0, 3, page.shape) * (i % 2)
        pages.append(np.clip(page, 0, 255).astype("uint8"))
    return pages


def _pairs(images: list[np.ndarray]) -> list[np.ndarray]:
    """Returns pairs of digits side by side on black."""

    def cut(image: np.ndarray) -> np.ndarray:
        columns = np.nonzero(image[..., 0].max(axis=0) > 60)[0]
        return image[:, max(columns[0] - 2, 0) : columns[-1] + 3]

    pairs = zip(images[::2], images[1::2], strict=True)
    return [np.concatenate([cut(a), cut(b)], axis=1) for a, b in pairs]


def _letters(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    kinds = [*LETTERS.values()]
    pages = [write_strokes(kinds[i % len(kinds)], rng) for i in range(count)]
    return [np.round(255 * page).astype("uint8") for page in pages]
