"""Images that a captioner of photographs does not know."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.core.made_up import noise

SIDE = 224


def kinds(
    model: Any, builder: Any, data_dirs: Sequence[str | Path]
) -> dict[str, Callable[[int], list[Any]]]:
    """Returns makers of out-of-distribution inputs by kind."""
    return {
        "noise": lambda count: noise(count // 2, 0, (SIDE, SIDE, 3)),
        "pages of text": lambda count: _many(_page, count // 2, 1),
        "coloured shapes": lambda count: _many(_shapes, count // 2, 2),
    }


def _many(make: Callable[[Any], np.ndarray], count: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [make(rng) for _ in range(count)]


def _page(rng: Any) -> np.ndarray:
    """Lines of words as they look from afar: grey letters with gaps."""
    page = np.full((SIDE, SIDE, 3), rng.uniform(225, 255), "float32")
    size = int(rng.integers(5, 10))
    left = int(rng.integers(10, 30))
    for top in range(left, SIDE - left - size, 2 * size):
        x = left
        while x < SIDE - left - size:
            for _ in range(rng.integers(2, 10)):
                letter = rng.uniform(0, 1, (size, max(3, size // 2), 1)) > 0.5
                if x + letter.shape[1] > SIDE - left:
                    break
                place = page[top : top + size, x : x + letter.shape[1]]
                place[...] = np.where(letter, rng.uniform(10, 60), place)
                x += letter.shape[1] + 1
            x += size
    return page.astype("uint8")


def _shapes(rng: Any) -> np.ndarray:
    """Discs and boxes, each of one colour, on a ground of one colour."""
    image = np.empty((SIDE, SIDE, 3), "uint8")
    image[:] = rng.integers(0, 256, 3)
    y, x = np.mgrid[:SIDE, :SIDE]
    for _ in range(rng.integers(3, 9)):
        high, wide = rng.uniform(10, 70, 2)
        down, right = abs(y - rng.uniform(0, SIDE)), abs(x - rng.uniform(0, SIDE))
        disc = (down / high) ** 2 + (right / wide) ** 2 < 1
        box = (down < high) & (right < wide)
        image[disc if rng.random() < 0.5 else box] = rng.integers(0, 256, 3)
    return image
