"""Temperature scaling against closed forms."""

import numpy as np
import pytest

from training.sentiment_classifier.calibration import fit_temperature


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("said", "right"), [(0.95, 0.6), (0.8, 0.8), (0.6, 0.9)])
def test_two_classes_by_hand(said, right):
    """The best score of answers all as sure is the share of them that is right."""
    labels = np.repeat([1, 0], [round(100 * right), round(100 * (1 - right))])
    logits = np.log([[1 - said, said]] * 100)
    expected = np.log(said / (1 - said)) / np.log(right / (1 - right))
    temperature = fit_temperature(logits, labels)
    assert temperature == pytest.approx(expected, rel=1e-3)
    assert softmax(logits / temperature)[0, 1] == pytest.approx(right, abs=1e-3)


def test_a_known_temperature_is_found_among_three_classes():
    random = np.random.default_rng(3)
    logits = random.normal(size=(20_000, 3)) * 2
    labels = np.array([random.choice(3, p=p) for p in softmax(logits)])
    assert fit_temperature(2.5 * logits, labels) == pytest.approx(2.5, rel=0.05)


def test_what_is_added_to_all_logits_of_a_row_does_not_matter():
    random = np.random.default_rng(4)
    logits, labels = random.normal(size=(50, 2)), random.integers(0, 2, 50)
    shifted = logits + random.normal(size=(50, 1))
    expected = fit_temperature(logits, labels)
    assert fit_temperature(shifted, labels) == pytest.approx(expected, rel=1e-3)
    probabilities = softmax(logits)
    assert fit_temperature(np.log(probabilities), labels) == pytest.approx(
        expected, rel=1e-3
    )


def test_without_a_best_temperature_it_stays_in_bounds():
    logits = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 2.0]])
    all_right = fit_temperature(logits, [1, 0, 1])
    all_wrong = fit_temperature(logits, [0, 1, 0])
    assert 0.05 <= all_right < 0.06
    assert 19 < all_wrong <= 20
