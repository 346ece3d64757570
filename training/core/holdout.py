"""Validation examples, where a data set has none."""

from typing import Protocol, Self, TypeVar

import numpy as np


class Examples(Protocol):
    """Examples in memory."""

    labels: np.ndarray

    def take(self, indices: np.ndarray) -> Self: ...


E = TypeVar("E", bound=Examples)


def split_validation(
    data: E, fraction: float, seed: int, limit: int | None = None
) -> tuple[E, E]:
    """Cuts validation examples off at random: the rest, `limit` at most; then they.

    Raises:
        ValueError: If the fraction is not over 0 and under 1.
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(
            f"`validation_fraction` must be over 0 and under 1. Received: {fraction}"
        )
    order = np.random.default_rng(seed).permutation(len(data.labels))
    cut = round(len(order) * fraction)
    last = len(order) if limit is None else cut + limit
    return data.take(order[cut:last]), data.take(order[:cut])
