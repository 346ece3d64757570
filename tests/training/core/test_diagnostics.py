"""A run that is no better than a baseline warns."""

import numpy as np
import pytest

from training.core.diagnostics import Baseline, majority_class
from training.core.run_folder import find_best


@pytest.mark.parametrize(
    ("accuracy", "word"),
    [(0.49, "no"), (0.5, "no"), (0.52, "hardly"), (0.53, None)],
)
def test_an_accuracy_must_exceed_the_baseline_by_its_margin(accuracy, word):
    warning = Baseline("the most frequent class", "accuracy", 0.5, 0.02).warn(accuracy)
    if word is None:
        assert warning is None
    else:
        assert warning.startswith(
            f"It is {word} better than the most frequent class: accuracy "
            f"{accuracy:.4f} on the test split, where that reaches 0.5000. Train"
        )


def test_a_perplexity_must_be_lower():
    baseline = Baseline("words by their frequency alone", "perplexity", 40.0)
    assert baseline.warn(39.0) is None
    for value in (40.0, 41.0):
        assert baseline.warn(value).startswith("It is no better than words by their")
    values = [3.0, 5.0, 2.0, 5.0, 2.0]
    assert find_best(values, "accuracy") == find_best(values, "bleu") == 1
    assert find_best(values, "perplexity") == 2


def test_the_most_frequent_class_is_that_of_the_training_examples():
    baseline = majority_class(np.array([2, 0, 2]), np.array([2, 1, 0, 0]))
    assert baseline.value == 0.25
    assert baseline.margin == pytest.approx(2 * (0.25 * 0.75 / 4) ** 0.5)
