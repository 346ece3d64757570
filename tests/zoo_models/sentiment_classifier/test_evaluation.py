"""What a classifier of texts is measured by."""

import numpy as np
import pytest

from rnnzoo.metrics import expected_calibration_error
from zoo_models.core.classification import count_confusions
from zoo_models.sentiment_classifier.evaluation import measure

TEXTS = ["a good film", "dull", "bad", "the film", "fine"]


def test_accuracy_and_calibration_are_those_of_the_answers(classifier):
    answers = classifier.classify(TEXTS, verbose=0)
    labels = [classifier.labels.index(answer["label"]) for answer in answers]
    is_right = [True, False, True, True, False]
    for i in (1, 4):
        labels[i] = 1 - labels[i]
    metrics = measure(classifier, zip(TEXTS, labels, strict=True))
    assert metrics.keys() == {"accuracy", "expected_calibration_error"}
    assert metrics["accuracy"] == sum(is_right) / 5
    error = expected_calibration_error([a["score"] for a in answers], is_right)
    assert metrics["expected_calibration_error"] == pytest.approx(error)
    assert 0 < error < 1


def test_confusions_are_of_the_same_answers(classifier):
    answers = [a["label"] for a in classifier.classify(TEXTS, verbose=0)]
    matrix = count_confusions(classifier, [(text, 1) for text in TEXTS])
    np.testing.assert_array_equal(
        matrix, [[0, 0], [answers.count(label) for label in classifier.labels]]
    )
