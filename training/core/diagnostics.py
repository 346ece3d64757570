"""Checks of a finished run: problems and remedies, for its output and its card."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.core.config import TrainingConfig
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

    def is_beaten(self, value: float, margin: float) -> bool:
        """Returns whether a value is better by more than a margin."""
        if self.metric in LOWER_IS_BETTER:
            return value < self.value - margin
        return value > self.value + margin


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


def find_problems(
    config: TrainingConfig,
    outcome: Any,
    test: dict[str, float],
    baseline: Baseline | None,
) -> list[str]:
    """Returns sentences that name problems and remedies; none for `--smoke` runs.

    Args:
        config: Settings of the run.
        outcome: The result of `Trainer.train`.
        test: Metrics on the test split.
        baseline: The baseline of the result, if there is one.
    """
    if config.smoke:
        return []
    problems = []
    if baseline is not None and not baseline.is_beaten(
        test[baseline.metric], baseline.margin
    ):
        word = "hardly" if baseline.is_beaten(test[baseline.metric], 0.0) else "no"
        problems.append(
            f"It is {word} better than {baseline.name}: {baseline.metric} "
            f"{rounded(test[baseline.metric])} on the test split, where that reaches "
            f"{rounded(baseline.value)}. Train on more examples or longer (--epochs, "
            "`min_steps`), or with another --learning-rate."
        )
    last = outcome.history[-1]["loss"] if outcome.history else None
    # A run that starts from trained parameters has a low first loss.
    is_start = not getattr(config, "start_from", "")
    if is_start and last is not None and last >= outcome.first_loss:
        problems.append(
            f"The training loss did not fall: {rounded(outcome.first_loss)} at the "
            f"first step, {rounded(last)} in the last epoch. A --learning-rate that is "
            "ten times lower or higher may help; check that labels and inputs belong "
            "together."
        )
    if config.warmup_steps and outcome.planned_steps <= config.warmup_steps:
        problems.append(
            f"The run has {outcome.planned_steps:,} steps, no more than the warm-up of "
            f"its recipe, {config.warmup_steps:,} (`warmup_steps`), which was "
            "shortened. Raise `min_steps` or --epochs, or lower --batch-size."
        )
    return problems
