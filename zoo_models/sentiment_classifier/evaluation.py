"""Accuracy and calibration error of a `SentimentClassifier`."""

from collections.abc import Iterable

import numpy as np

from rnnzoo.metrics import expected_calibration_error
from zoo_models.core.classification import classify, reader
from zoo_models.core.types import Raw
from zoo_models.sentiment_classifier.model import SentimentClassifier

__all__ = ["measure", "reader"]


def measure(
    model: SentimentClassifier, examples: Iterable[tuple[Raw, int]]
) -> dict[str, float]:
    """Returns the `accuracy` and the `expected_calibration_error`, in 15 equal bins of
    the score, both from 0 to 1."""
    labels, answers, scores = classify(model, examples)
    is_right = labels == answers
    # Float32 may sum probabilities to a hair over 1.
    error = expected_calibration_error(np.minimum(scores, 1.0), is_right)
    return {
        "accuracy": float(np.mean(is_right)),
        "expected_calibration_error": error,
    }
