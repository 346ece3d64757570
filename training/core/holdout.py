"""Validation examples: a share of what there is, and no more."""

import numpy as np

# Of all examples that a run learns from or chooses its epoch by.
MOST_HELD_OUT = 1 / 4


def most_validation(training_examples: int) -> int:
    """Returns the largest number of validation examples beside training examples."""
    return max(int(training_examples * MOST_HELD_OUT / (1 - MOST_HELD_OUT)), 1)


def choose_validation(examples: int, training_examples: int) -> np.ndarray:
    """Returns the numbers of the examples of a validation split to use, in their order:
    all, or `most_validation` of them at random."""
    most = most_validation(training_examples)
    if examples <= most:
        return np.arange(examples)
    return np.sort(np.random.default_rng(0).permutation(examples)[:most])


def split_validation(
    count: int, fraction: float, seed: int, limit: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Holds out a fraction of `count` examples at random.

    Returns:
        The numbers of the training examples, `limit` at most, and of the validation
        examples, `most_validation` at most.

    Raises:
        ValueError: If the fraction is not over 0 and at most `MOST_HELD_OUT`.
    """
    if not 0.0 < fraction <= MOST_HELD_OUT:
        raise ValueError(
            f"`validation_fraction` must be over 0 and at most {MOST_HELD_OUT}. "
            f"Received: {fraction}"
        )
    order = np.random.default_rng(seed).permutation(count)
    cut = max(round(count * fraction), 1)
    training = order[cut:][:limit]
    return training, order[: min(cut, most_validation(len(training)))]
