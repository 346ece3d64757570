"""Validation examples are a share of what there is."""

import numpy as np
import pytest

from training.core.holdout import choose_validation, split_validation
from training.sentiment_classifier.data import LabelledTexts


def make_examples(size):
    return LabelledTexts([b"%d" % i for i in range(size)], np.arange(size))


@pytest.mark.parametrize(
    ("limit", "sizes"), [(None, (94, 6)), (30, (30, 6)), (12, (12, 4)), (2, (2, 1))]
)
def test_of_four_examples_one_is_held_out_at_most(limit, sizes):
    training, validation = split_validation(make_examples(100), 0.06, 0, limit)
    assert (len(training.labels), len(validation.labels)) == sizes
    assert not set(training.labels) & set(validation.labels)
    _, all_of_them = split_validation(make_examples(100), 0.06, 0)
    # The first of those that are held out of all examples, in the same order.
    np.testing.assert_array_equal(validation.labels, all_of_them.labels[: sizes[1]])


def test_one_example_is_held_out_at_least():
    _, validation = split_validation(make_examples(7), 0.06, 0)
    assert len(validation.labels) == 1


def test_a_larger_share_is_refused():
    split_validation(make_examples(8), 0.25, 0)
    with pytest.raises(ValueError, match=r"at most 0.25. Received: 0.3"):
        split_validation(make_examples(8), 0.3, 0)


def test_a_split_of_its_own_is_cut_too():
    np.testing.assert_array_equal(choose_validation(5, 15), np.arange(5))
    chosen = choose_validation(1014, 290)
    assert len(set(chosen)) == 96
    assert chosen.max() > 500
    np.testing.assert_array_equal(chosen, np.sort(chosen))
