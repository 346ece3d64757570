"""Validation examples are a share of what there is."""

import numpy as np
import pytest

from training.core.holdout import choose_validation, split_validation


@pytest.mark.parametrize(
    ("limit", "sizes"), [(None, (94, 6)), (30, (30, 6)), (12, (12, 4)), (2, (2, 1))]
)
def test_of_four_examples_one_is_held_out_at_most(limit, sizes):
    training, validation = split_validation(100, 0.06, 0, limit)
    assert (len(training), len(validation)) == sizes
    assert not set(training) & set(validation)
    everything, all_held_out = split_validation(100, 0.06, 0)
    # The first of those without a limit, in the same order.
    np.testing.assert_array_equal(training, everything[: sizes[0]])
    np.testing.assert_array_equal(validation, all_held_out[: sizes[1]])


def test_one_example_is_held_out_at_least():
    _, validation = split_validation(7, 0.06, 0)
    assert len(validation) == 1


def test_a_larger_share_is_refused():
    split_validation(8, 0.25, 0)
    with pytest.raises(ValueError, match=r"at most 0.25. Received: 0.3"):
        split_validation(8, 0.3, 0)


def test_a_split_of_its_own_is_cut_too():
    np.testing.assert_array_equal(choose_validation(5, 15), np.arange(5))
    chosen = choose_validation(1014, 290)
    assert len(set(chosen)) == 96
    assert chosen.max() > 500
    np.testing.assert_array_equal(chosen, np.sort(chosen))
