"""Digits drawn for this project."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SIDE = 200

Stroke = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Drawing:
    """A digit written with a round pen.

    Attributes:
        label: The digit.
        strokes: Points that each stroke runs through, `(x, y)` from 0 to 1, y down.
        pen: Width of the pen in pixels.
        size: Height of the digit in pixels.
        place: Where its middle is, `(x, y)` in pixels.
        is_dark: Whether the ink is dark on white, or white on black.
    """

    label: str
    strokes: tuple[Stroke, ...]
    pen: float
    size: float
    place: tuple[float, float]
    is_dark: bool

    def draw(self) -> np.ndarray:
        """Returns a uint8 image of shape `(200, 200)`."""
        distance = np.full((SIDE, SIDE), np.inf)
        reach = self.pen / 2 + 1  # farther off there is no ink
        for stroke in self.strokes:
            points = (_smooth(stroke) - 0.5) * self.size + self.place
            for (x0, y0), (x1, y1) in pairwise(points):
                left, right = _window(x0, x1, reach)
                top, bottom = _window(y0, y1, reach)
                rows, columns = np.mgrid[top:bottom, left:right] + 0.5
                length = max(np.hypot(x1 - x0, y1 - y0), 1e-6)
                ux, uy = (x1 - x0) / length, (y1 - y0) / length
                along = np.clip((columns - x0) * ux + (rows - y0) * uy, 0, length)
                dx, dy = columns - x0 - along * ux, rows - y0 - along * uy
                near = distance[top:bottom, left:right]
                np.minimum(near, np.hypot(dx, dy), out=near)
        ink = np.clip(self.pen / 2 + 0.5 - distance, 0, 1)
        brightness = 1 - ink if self.is_dark else ink
        return np.round(255 * brightness).astype("uint8")


def _window(a: float, b: float, reach: float) -> tuple[int, int]:
    """Returns the range of pixels between two places, widened by `reach`."""
    low, high = np.floor(min(a, b) - reach), np.ceil(max(a, b) + reach)
    return int(np.clip(low, 0, SIDE)), int(np.clip(high, 0, SIDE))


def _smooth(points: Stroke, steps: int = 8) -> np.ndarray:
    """Returns a Catmull-Rom curve; a point given twice is a corner."""
    knots = np.array([points[0], *points, points[-1]], float)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    curve = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        if np.array_equal(b, c):
            continue
        b_slope = (c - a) / 2 if not np.array_equal(a, b) else (c - b) / 2
        c_slope = (d - b) / 2 if not np.array_equal(c, d) else (c - b) / 2
        curve.append(
            (2 * t**3 - 3 * t**2 + 1) * b
            + (t**3 - 2 * t**2 + t) * b_slope
            + (3 * t**2 - 2 * t**3) * c
            + (t**3 - t**2) * c_slope
        )
    return np.concatenate([*curve, knots[-1:]])


ZERO: Stroke = ((0.55, 0.03), (0.3, 0.15), (0.18, 0.5), (0.32, 0.88), (0.58, 0.95))
ZERO += ((0.8, 0.7), (0.8, 0.3), (0.66, 0.07), (0.5, 0.05))
ONE: Stroke = ((0.55, 0.02), (0.52, 0.35), (0.47, 0.97))
ONE_WITH_FLAG: Stroke = ((0.42, 0.17), (0.55, 0.03), (0.55, 0.03), (0.53, 0.98))
TWO: Stroke = ((0.2, 0.25), (0.35, 0.06), (0.62, 0.06), (0.74, 0.26), (0.6, 0.52))
TWO += ((0.18, 0.93), (0.18, 0.93), (0.5, 0.9), (0.86, 0.94))
THREE: Stroke = ((0.22, 0.12), (0.5, 0.03), (0.72, 0.18), (0.62, 0.4), (0.4, 0.47))
THREE += ((0.4, 0.47), (0.68, 0.55), (0.76, 0.76), (0.55, 0.95), (0.18, 0.88))
FOUR: Stroke = ((0.3, 0.05), (0.22, 0.5), (0.22, 0.5), (0.5, 0.53), (0.84, 0.5))
FOUR_STEM: Stroke = ((0.68, 0.08), (0.66, 0.5), (0.64, 0.98))
FIVE: Stroke = ((0.76, 0.06), (0.34, 0.08), (0.34, 0.08), (0.29, 0.43), (0.29, 0.43))
FIVE += ((0.55, 0.4), (0.76, 0.58), (0.7, 0.85), (0.45, 0.97), (0.2, 0.88))
SIX: Stroke = ((0.66, 0.04), (0.4, 0.25), (0.25, 0.6), (0.32, 0.9), (0.55, 0.96))
SIX += ((0.74, 0.78), (0.64, 0.57), (0.42, 0.57), (0.28, 0.72))
SEVEN: Stroke = (
    (0.2, 0.1),
    (0.5, 0.11),
    (0.8, 0.08),
    (0.8, 0.08),
    (0.58, 0.5),
    (0.42, 0.97),
)
SEVEN_BAR: Stroke = ((0.36, 0.52), (0.75, 0.48))
EIGHT: Stroke = ((0.7, 0.16), (0.48, 0.03), (0.28, 0.18), (0.38, 0.4), (0.64, 0.58))
EIGHT += ((0.74, 0.82), (0.5, 0.97), (0.26, 0.82), (0.38, 0.58), (0.62, 0.4))
EIGHT += ((0.72, 0.2), (0.66, 0.1))
NINE: Stroke = ((0.72, 0.25), (0.52, 0.04), (0.28, 0.2), (0.32, 0.46), (0.56, 0.5))
NINE += ((0.73, 0.24), (0.73, 0.24), (0.7, 0.6), (0.62, 0.98))

# Thin and thick pens, in the middle and in corners, on white and on black.
DRAWINGS = (
    Drawing("0", (ZERO,), 14, 130, (100, 100), True),
    Drawing("1", (ONE,), 10, 110, (60, 90), False),
    Drawing("1", (ONE_WITH_FLAG,), 16, 140, (120, 105), True),
    Drawing("2", (TWO,), 8, 100, (140, 60), True),
    Drawing("3", (THREE,), 18, 150, (95, 100), False),
    Drawing("4", (FOUR, FOUR_STEM), 12, 90, (60, 140), True),
    Drawing("5", (FIVE,), 6, 70, (150, 150), True),
    Drawing("6", (SIX,), 20, 160, (100, 100), True),
    Drawing("7", (SEVEN,), 9, 120, (110, 80), False),
    Drawing("7", (SEVEN, SEVEN_BAR), 13, 120, (80, 110), True),
    Drawing("8", (EIGHT,), 11, 140, (100, 95), True),
    Drawing("9", (NINE,), 15, 105, (65, 65), False),
)
