"""What went wrong in a run, told at its end and in its card, with what to change."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.core.config import TrainingConfig
from training.core.numbers import rounded
from training.core.run_folder import LOWER_IS_BETTER


@dataclass(frozen=True)
class Trivial:
    """What an answer reaches that does not look at its input.

    Attributes:
        answer: The answer, in words: "the most frequent class".
        metric: What it is measured in.
        value: What it reaches on the test split.
        margin: What a result must be better by, to be better at all. Default 0.
    """

    answer: str
    metric: str
    value: float
    margin: float = 0.0

    def is_beaten(self, value: float, margin: float) -> bool:
        """Whether a value of the metric is better by more than a margin."""
        if self.metric in LOWER_IS_BETTER:
            return value < self.value - margin
        return value > self.value + margin


def majority_class(training_labels: Any, test_labels: Any) -> Trivial:
    """The accuracy of always giving the most frequent label of the training examples.

    Two standard errors of it are no difference.

    Args:
        training_labels: Integers, shape `(examples,)`.
        test_labels: Likewise.
    """
    most_frequent = np.bincount(training_labels).argmax()
    accuracy = float(np.mean(np.asarray(test_labels) == most_frequent))
    error = (accuracy * (1 - accuracy) / len(test_labels)) ** 0.5
    return Trivial("the most frequent class", "accuracy", accuracy, 2 * error)


def find_faults(
    config: TrainingConfig,
    outcome: Any,
    test: dict[str, float],
    trivial: Trivial | None,
) -> list[str]:
    """Sentences on what went wrong, each with what to change; none if all is well, or
    if examples are made up and nothing can be learnt.

    Args:
        config: Settings of the run.
        outcome: What `Trainer.train` gave.
        test: Metrics on the test split.
        trivial: What the result must be better than, if that is known.
    """
    if config.smoke:
        return []
    faults = []
    if trivial is not None and not trivial.is_beaten(
        test[trivial.metric], trivial.margin
    ):
        word = "hardly" if trivial.is_beaten(test[trivial.metric], 0.0) else "no"
        faults.append(
            f"It is {word} better than {trivial.answer}: {trivial.metric} "
            f"{rounded(test[trivial.metric])} on the test split, where that reaches "
            f"{rounded(trivial.value)}. Train on more examples or longer (--epochs, "
            "`min_steps`), or with another --learning-rate; `overfit_batch` shows "
            "whether the network learns at all."
        )
    last = outcome.history[-1]["loss"] if outcome.history else None
    # Of weights that were trained before the first loss is low.
    is_start = not getattr(config, "start_from", "")
    if is_start and last is not None and last >= outcome.first_loss:
        faults.append(
            f"The training loss did not fall: {rounded(outcome.first_loss)} at the "
            f"first step, {rounded(last)} in the last epoch. A --learning-rate that is "
            "ten times lower or higher may help; look whether labels and inputs belong "
            "together."
        )
    if config.warmup_steps and outcome.planned_steps <= config.warmup_steps:
        faults.append(
            f"The run has {outcome.planned_steps:,} steps, no more than the warm-up of "
            f"its recipe, {config.warmup_steps:,} (`warmup_steps`), which was "
            "shortened. Raise `min_steps` or --epochs, or lower --batch-size."
        )
    return faults
