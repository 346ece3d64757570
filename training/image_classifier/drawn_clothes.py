"""Clothes drawn for this project: grey shapes on black, as `fashion_mnist` has them."""

from collections.abc import Sequence

import numpy as np

SIDE = 112

# A shape is filled row by row between two edges: `(y, left, right)` from 0 to 1.
Edges = Sequence[tuple[float, float, float]]

TROUSERS: tuple[Edges, ...] = (
    ((0.03, 0.34, 0.66), (0.2, 0.32, 0.68), (0.3, 0.31, 0.69)),
    ((0.3, 0.31, 0.49), (0.97, 0.33, 0.45)),
    ((0.3, 0.51, 0.69), (0.97, 0.55, 0.67)),
)
SHIRT: tuple[Edges, ...] = (
    ((0.06, 0.34, 0.42), (0.1, 0.3, 0.46), (0.12, 0.27, 0.5)),
    ((0.06, 0.58, 0.66), (0.1, 0.54, 0.7), (0.12, 0.5, 0.73)),
    ((0.12, 0.24, 0.76), (0.34, 0.27, 0.73), (0.96, 0.27, 0.73)),
    ((0.12, 0.18, 0.3), (0.34, 0.02, 0.28), (0.42, 0.1, 0.24)),
    ((0.12, 0.7, 0.82), (0.34, 0.72, 0.98), (0.42, 0.76, 0.9)),
)
DRESS: tuple[Edges, ...] = (
    ((0.02, 0.4, 0.44), (0.14, 0.37, 0.5)),
    ((0.02, 0.56, 0.6), (0.14, 0.5, 0.63)),
    ((0.14, 0.37, 0.63), (0.38, 0.41, 0.59), (0.98, 0.27, 0.73)),
)
BAG: tuple[Edges, ...] = (
    ((0.12, 0.34, 0.66), (0.17, 0.3, 0.7)),
    ((0.17, 0.3, 0.36), (0.4, 0.26, 0.32)),
    ((0.17, 0.64, 0.7), (0.4, 0.68, 0.74)),
    ((0.4, 0.06, 0.94), (0.92, 0.04, 0.96)),
)
BOOT: tuple[Edges, ...] = (
    ((0.1, 0.52, 0.92), (0.5, 0.5, 0.95)),
    ((0.5, 0.45, 0.95), (0.72, 0.06, 0.96), (0.82, 0.02, 0.97)),
    ((0.82, 0.02, 0.5), (0.88, 0.02, 0.48)),
    ((0.82, 0.74, 0.97), (0.93, 0.76, 0.96)),
)

# What each file shows.
EXAMPLES = {
    "trousers.png": TROUSERS,
    "t_shirt.png": SHIRT,
    "dress.png": DRESS,
    "bag.png": BAG,
    "ankle_boot.png": BOOT,
}


def draw(shape: Sequence[Edges], brightness: float = 0.75) -> np.ndarray:
    """Fills a shape.

    Args:
        shape: Its parts.
        brightness: Of the cloth, from 0 to 1. Default 0.75.

    Returns:
        A uint8 array of shape `(112, 112)`.
    """
    y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE
    inside = np.zeros((SIDE, SIDE), bool)
    for edges in shape:
        rows, left, right = np.array(edges).T
        is_row = (y >= rows[0]) & (y <= rows[-1])
        is_between = (x >= np.interp(y, rows, left)) & (x <= np.interp(y, rows, right))
        inside |= is_row & is_between
    # Folds: cloth is not of one brightness.
    folds = 1 + 0.06 * np.sin(9 * x + 4 * y) + 0.05 * np.cos(13 * y)
    return np.round(255 * brightness * inside * folds.clip(0, 1.3)).astype("uint8")
