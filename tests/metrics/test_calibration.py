"""The calibration error against figures worked out by hand."""

import numpy as np
import pytest

from rnnzoo.metrics import expected_calibration_error


def test_bins_by_hand():
    # In the bin from 9/15 to 10/15 two of three are right, at 0.63 in the mean; in
    # the last the one answer is wrong at 0.95.
    scores = [0.61, 0.63, 0.65, 0.95]
    error = expected_calibration_error(scores, [True, True, False, False])
    assert error == pytest.approx(3 / 4 * (2 / 3 - 0.63) + 1 / 4 * 0.95)


def test_errors_of_different_bins_do_not_cancel():
    # 0.1 too sure below, 0.1 too modest above.
    scores = np.repeat([0.6, 0.9], 10)
    is_right = np.repeat([True, False, True], [5, 5, 10])
    assert expected_calibration_error(scores, is_right) == pytest.approx(0.1)
    # In one bin they do: 15 of 20 are right at 0.75 in the mean.
    assert expected_calibration_error(scores, is_right, 1) == pytest.approx(0)


def test_a_bin_holds_its_upper_end():
    # With four bins 0.5 is in the second and 0.51 in the third; 0 is in the first.
    is_right = [True, False]
    apart = (0.5 * 0.5) + (0.5 * 0.51)
    assert expected_calibration_error([0.5, 0.51], is_right, 4) == pytest.approx(apart)
    together = abs(0.5 - (0.5 + 0.49) / 2)
    assert expected_calibration_error([0.5, 0.49], is_right, 4) == pytest.approx(
        together
    )
    assert expected_calibration_error([0.0, 1.0], [False, True]) == 0


def test_the_order_of_answers_does_not_matter():
    random = np.random.default_rng(0)
    scores = random.uniform(0.5, 1, 200)
    is_right = random.uniform(size=200) < scores
    order = random.permutation(200)
    error = expected_calibration_error(scores, is_right)
    assert 0 < error < 0.15
    assert error == pytest.approx(
        expected_calibration_error(scores[order], is_right[order])
    )


@pytest.mark.parametrize(
    ("scores", "is_right", "num_bins", "message"),
    [
        ([], [], 15, r"shapes \(0,\) and \(0,\)"),
        ([0.5], [True, False], 15, r"shapes \(1,\) and \(2,\)"),
        ([[0.5, 0.5]], [[True, False]], 15, r"shapes \(1, 2\)"),
        ([0.5, 1.2], [True, True], 15, "from 0 to 1. Received: 1.2"),
        ([float("nan")], [True], 15, "from 0 to 1. Received: nan"),
        ([0.5], [2], 15, "truth values. Received: an array of int64"),
        ([0.5], [True], 0, "`num_bins` must be a positive integer. Received: num_bins"),
    ],
)
def test_what_does_not_fit_is_named(scores, is_right, num_bins, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(scores, is_right, num_bins)
