"""Validation examples: a share of what there is, and no more."""

from typing import Protocol, Self, TypeVar

import numpy as np


class Examples(Protocol):
    """Examples in memory."""

    labels: np.ndarray

    def take(self, indices: np.ndarray) -> Self: ...


E = TypeVar("E", bound=Examples)


# Of all examples that a run learns from or chooses its epoch by.
MOST_HELD_OUT = 1 / 4


def most_validation(training_examples: int) -> int:
    """How many validation examples there may be beside those that are learnt from."""
    return max(int(training_examples * MOST_HELD_OUT / (1 - MOST_HELD_OUT)), 1)


def choose_validation(examples: int, training_examples: int) -> np.ndarray:
    """The numbers of the examples of a validation split to use, in their order: all,
    or `most_validation` of them at random."""
    most = most_validation(training_examples)
    if examples <= most:
        return np.arange(examples)
    return np.sort(np.random.default_rng(0).permutation(examples)[:most])


def split_validation(
    data: E, fraction: float, seed: int, limit: int | None = None
) -> tuple[E, E]:
    """Cuts validation examples off at random: the rest, `limit` at most; then they,
    `most_validation` at most.

    Raises:
        ValueError: If the fraction is not over 0 and at most `MOST_HELD_OUT`.
    """
    order, cut = _shuffled(len(data.labels), fraction, seed)
    training = order[cut:][:limit]
    validation = order[: min(cut, most_validation(len(training)))]
    return data.take(training), data.take(validation)


def validation_indices(count: int, fraction: float, seed: int) -> np.ndarray:
    """The places, among `count` examples, of those that `split_validation` cuts off."""
    order, cut = _shuffled(count, fraction, seed)
    return order[: min(cut, most_validation(count - cut))]


def _shuffled(count: int, fraction: float, seed: int) -> tuple[np.ndarray, int]:
    """The order of examples, and how many at its start are held out."""
    if not 0.0 < fraction <= MOST_HELD_OUT:
        raise ValueError(
            f"`validation_fraction` must be over 0 and at most {MOST_HELD_OUT}. "
            f"Received: {fraction}"
        )
    order = np.random.default_rng(seed).permutation(count)
    return order, max(round(count * fraction), 1)
