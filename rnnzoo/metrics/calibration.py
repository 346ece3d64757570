"""Calibration: whether the scores of answers are the chances that they are right."""

import numpy as np
from numpy.typing import ArrayLike

from rnnzoo.core.checks import check_positive

NUM_BINS = 15


def expected_calibration_error(
    scores: ArrayLike, is_right: ArrayLike, num_bins: int = NUM_BINS
) -> float:
    """How far the scores of answers lie from the share of them that is right.

    Answers are put into bins of equal width by their score; a bin holds its upper
    end, the first one 0 too. The error is

        Σ_b n_b / N · |share right in b − mean score in b|

    with n_b answers in bin b and N in all. It is not zero for a perfectly calibrated
    model either, by chance: the fewer answers, the larger.

    Args:
        scores: The probability that a model gave each of its answers, from 0 to 1.
        is_right: Whether each answer is right.
        num_bins: Number of bins between 0 and 1. Positive. Default 15.

    Returns:
        A number from 0, as good as it gets, to 1.

    Raises:
        ValueError: If there are no answers, or not a truth value for each, or a score
            is not from 0 to 1, or `num_bins` is not a positive integer.

    Example:

    ```python
    from rnnzoo.metrics import expected_calibration_error

    # Sure of four answers, of which three are right.
    error = expected_calibration_error([1.0, 1.0, 1.0, 1.0], [True, True, False, True])
    assert error == 0.25
    ```

    References:
        - Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    num_bins = check_positive("num_bins", num_bins)
    scores = np.asarray(scores, "float64")
    is_right = np.asarray(is_right)
    if scores.ndim != 1 or scores.shape != is_right.shape or not scores.size:
        raise ValueError(
            "There must be scores, and a truth value for each. Received: shapes "
            f"{scores.shape} and {is_right.shape}"
        )
    if is_right.dtype != bool:
        raise ValueError(
            f"`is_right` must hold truth values. Received: an array of {is_right.dtype}"
        )
    outside = scores[~((scores >= 0) & (scores <= 1))]  # NaN is outside, too
    if outside.size:
        raise ValueError(f"Scores must be from 0 to 1. Received: {outside[0]}")
    # The upper ends of all bins but the last.
    ends = np.arange(1, num_bins) / num_bins
    bins = np.searchsorted(ends, scores, side="left")
    # n_b / N · |right_b / n_b − score_b / n_b| = |right_b − score_b| / N
    gaps = np.bincount(bins, weights=is_right - scores, minlength=num_bins)
    return float(np.abs(gaps).sum() / scores.size)
