"""Baselines that a run must exceed, for its output and its card."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.core.numbers import rounded
from training.core.run_folder import LOWER_IS_BETTER


@dataclass(frozen=True)
class Baseline:
    """The score of a baseline that ignores its input.

    Attributes:
        name: The baseline, in words: "the most frequent class".
        metric: Name of the metric.
        value: Its value on the test split.
        margin: Smallest difference that counts as better. Default 0.
    """

    name: str
    metric: str
    value: float
    margin: float = 0.0

    def warn(self, value: float) -> str | None:
        """Returns a warning with remedies unless a value exceeds the baseline.

        Args:
            value: The metric of the run on the test split.
        """
        sign = -1 if self.metric in LOWER_IS_BETTER else 1
        if sign * value > sign * self.value + self.margin:
            return None
        word = "hardly" if sign * value > sign * self.value else "no"
        return (
            f"It is {word} better than {self.name}: "
            f"{self.metric} {rounded(value)} on the test split, where that reaches "
            f"{rounded(self.value)}. Train on more examples or longer (--epochs, "
            "`min_steps`), or with another --learning-rate."
        )


def majority_class(training_labels: Any, test_labels: Any) -> Baseline:
    """Returns the accuracy of the most frequent training label.

    The margin is two standard errors.

    Args:
        training_labels: Integers, shape `(examples,)`.
        test_labels: Integers, shape `(examples,)`.
    """
    most_frequent = np.bincount(training_labels).argmax()
    accuracy = float(np.mean(np.asarray(test_labels) == most_frequent))
    error = (accuracy * (1 - accuracy) / len(test_labels)) ** 0.5
    return Baseline("the most frequent class", "accuracy", accuracy, 2 * error)
