"""Data that nothing can be learnt from is named, with the place and the number."""

from types import SimpleNamespace

import numpy as np
import pytest

from training.core import dataset_checks

PLACE = "split 'train' of reviews"


def test_a_split_that_is_not_there_is_named():
    builder = SimpleNamespace(name="digits", info=SimpleNamespace(splits=["train"]))
    dataset_checks.check_split(builder, "train[:10%]")
    with pytest.raises(ValueError, match=r"one of \['train'\]. Received: 'test'"):
        dataset_checks.check_split(builder, "test")


def test_empty_texts_are_counted():
    dataset_checks.check_texts([b"fine", b"dull"], PLACE)
    with pytest.raises(ValueError, match=r"2 of 3 empty, the first at 1"):
        dataset_checks.check_texts([b"fine", b"", b" \n"], PLACE)
    with pytest.raises(ValueError, match="0 of 0 empty"):
        dataset_checks.check_texts([], PLACE)


def test_missing_labels_and_a_single_class_are_named():
    dataset_checks.check_labels(np.array([0, 1, 0]), PLACE)
    with pytest.raises(ValueError, match=r"2 of 3 without, the first at 0"):
        dataset_checks.check_labels(np.array([-1, 1, -1]), PLACE)
    with pytest.raises(ValueError, match=r"3 examples of class \[1\]"):
        dataset_checks.check_labels(np.array([1, 1, 1]), PLACE)


def test_missing_and_empty_captions_are_named():
    dataset_checks.check_captions([[b"A dog."], [b"A cat.", b"Cats."]], PLACE)
    with pytest.raises(ValueError, match=r"1 of 2 images without, the first at 1"):
        dataset_checks.check_captions([[b"A dog."], []], PLACE)
    with pytest.raises(ValueError, match=r"1 with an empty one, the first at 0"):
        dataset_checks.check_captions([[b"A dog.", b" "]], PLACE)
