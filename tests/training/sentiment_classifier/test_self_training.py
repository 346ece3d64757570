"""Judgements of several models, mixed."""

import numpy as np

from training.sentiment_classifier.self_training import mix


def test_log_odds_are_averaged():
    odds = np.array([[1 / 9, 9.0, 1.0], [9.0, 9.0, 1 / 3]])
    mixed = mix(odds / (1 + odds))
    expected = np.sqrt(odds[0] * odds[1])
    np.testing.assert_allclose(mixed, expected / (1 + expected), rtol=1e-9)


def test_no_judge_decides_alone():
    # The other judge still counts against one that is entirely sure.
    (mixed,) = mix(np.array([[1.0], [0.001]]))
    assert abs(mixed - 0.5) < 1e-6
