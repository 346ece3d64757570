"""Drawn photographs of digits on pages, for measuring.

They contain nothing of MNIST: each page has random variants of the strokes of
`drawn_digits`.
"""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from training.image_classifier import drawn_digits as digits
from training.image_classifier.drawn_digits import SIDE, Drawing, Stroke

STROKES: dict[str, tuple[tuple[Stroke, ...], ...]] = {
    "0": ((digits.ZERO,),),
    "1": ((digits.ONE,), (digits.ONE_WITH_FLAG,)),
    "2": ((digits.TWO,),),
    "3": ((digits.THREE,),),
    "4": ((digits.FOUR, digits.FOUR_STEM),),
    "5": ((digits.FIVE,),),
    "6": ((digits.SIX,),),
    "7": ((digits.SEVEN,), (digits.SEVEN, digits.SEVEN_BAR)),
    "8": ((digits.EIGHT,),),
    "9": ((digits.NINE,),),
}
INK = 0.12  # brightness of ink on white paper


def draw_pages(style: str, count: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Draws pages with a digit each.

    Args:
        style: A key of `STYLES`.
        count: Pages for each digit.
        seed: The same seed draws the same pages.

    Returns:
        A uint8 array of shape `(10 * count, 200, 200)`, and the digits.
    """
    # Not `hash`, which differs from process to process.
    rng = np.random.default_rng([seed, zlib.crc32(style.encode())])
    labels = [label for label in STROKES for _ in range(count)]
    pages = [STYLES[style](label, rng) for label in labels]
    return np.stack([_to_bytes(page) for page in pages]), labels


def write(label: str, rng: Any, **settings: Any) -> np.ndarray:
    """Returns a digit written with one of its `STROKES`: see `write_strokes`."""
    kinds = STROKES[label]
    return write_strokes(kinds[rng.integers(len(kinds))], rng, **settings)


def write_strokes(
    strokes: tuple[Stroke, ...],
    rng: Any,
    pen: tuple[float, float] = (8, 16),
    size: tuple[float, float] = (90, 140),
    is_dark: bool = True,
) -> np.ndarray:
    """Returns a sign on plain paper, varied at random: floats from 0 to 1, of shape
    `(200, 200)`.

    Args:
        strokes: Strokes of the sign.
        rng: Generator of random numbers.
        pen: Range of the width of the pen in pixels.
        size: Range of the height of the sign in pixels.
        is_dark: Whether the ink is dark on white.
    """
    angle, lean = rng.normal(0, 0.07), rng.normal(0.05, 0.1)
    wide = rng.uniform(0.8, 1.1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = turn @ np.array([[wide, -lean], [0, 1]])
    height = rng.uniform(*size)
    reach = height * 0.62
    place = (SIDE / 2, SIDE / 2)
    if reach < SIDE / 2:
        place = tuple(rng.uniform(reach, SIDE - reach, 2))

    def bend(stroke: Stroke) -> Stroke:
        # A point given twice is a corner, and stays one.
        moved = {p: rng.normal(0, 0.015, 2) for p in dict.fromkeys(stroke)}
        points = [shape @ (np.array(p) - 0.5) + 0.5 + moved[p] for p in stroke]
        return tuple((float(x), float(y)) for x, y in points)

    drawing = Drawing(
        "", tuple(map(bend, strokes)), rng.uniform(*pen), height, place, is_dark
    )
    return drawing.draw() / 255.0


def _to_bytes(page: np.ndarray) -> np.ndarray:
    return np.round(255 * np.clip(page, 0, 1)).astype("uint8")


def _on_paper(label: str, rng: Any) -> np.ndarray:
    """Dark ink on white paper."""
    return INK + (1 - INK) * write(label, rng)


def _gradient(rng: Any, darkest: float) -> np.ndarray:
    """Light that falls from 1 to `darkest` across a page, in any direction."""
    y, x = np.mgrid[:SIDE, :SIDE] / (SIDE - 1) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    along = (along - along.min()) / (along.max() - along.min())
    return 1 - (1 - darkest) * along ** rng.uniform(0.7, 1.4)


def _shaded(label: str, rng: Any) -> np.ndarray:
    return _on_paper(label, rng) * _gradient(rng, rng.uniform(0.5, 0.75))


def _noisy(label: str, rng: Any) -> np.ndarray:
    noise = rng.normal(0, rng.uniform(15, 40) / 255, (SIDE, SIDE))
    return _on_paper(label, rng) + noise


def _lined(label: str, rng: Any) -> np.ndarray:
    step, first = rng.integers(16, 30), rng.integers(0, 16)
    page = np.ones((SIDE, SIDE))
    for row in range(first, SIDE - 2, step):
        page[row : row + 2] = rng.uniform(0.55, 0.8)
    return np.minimum(page, _on_paper(label, rng))


def _framed(label: str, rng: Any) -> np.ndarray:
    page = INK + (1 - INK) * write(label, rng, size=(75, 110))
    inset, width = rng.integers(0, 14), rng.integers(2, 9)
    inside = np.zeros((SIDE, SIDE), bool)
    edge = inset + width
    inside[edge:-edge, edge:-edge] = True
    outside = np.ones((SIDE, SIDE), bool)
    outside[inset : SIDE - inset, inset : SIDE - inset] = False
    return np.where(inside | outside, page, rng.uniform(0.0, 0.4))


def _on_wall(label: str, rng: Any) -> np.ndarray:
    rough = rng.normal(0, 1, (SIDE // 10 + 1, SIDE // 10 + 1))
    rough = np.kron(rough, np.ones((10, 10)))[:SIDE, :SIDE]
    for axis in (0, 1):
        rough = sum(np.roll(rough, k, axis) for k in range(-5, 6)) / 11
    wall = rng.uniform(0.55, 0.85) + 0.05 * rough
    paint = rng.uniform(0.1, 0.25)
    ink = 1 - write(label, rng, pen=(10, 18))
    page = wall * (1 - ink) + paint * ink
    page *= _gradient(rng, rng.uniform(0.65, 0.9))
    return page + rng.normal(0, rng.uniform(4, 12) / 255, (SIDE, SIDE))


CLEAN: dict[str, Callable[[str, Any], np.ndarray]] = {
    "white": _on_paper,
    "black": lambda label, rng: write(label, rng, is_dark=False),
    "thin": lambda label, rng: write(label, rng, pen=(4, 6)),
    "thick": lambda label, rng: write(label, rng, pen=(17, 22), size=(120, 150)),
    "small": lambda label, rng: write(label, rng, pen=(5, 8), size=(45, 70)),
}
STYLES = {
    **CLEAN,
    "shaded": _shaded,
    "noisy": _noisy,
    "framed": _framed,
    "lined": _lined,
    "wall": _on_wall,
}
