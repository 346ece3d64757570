"""Labelled texts for training."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.core import dataset_checks
from training.core.texts import read_texts
from training.sentiment_classifier.sentences import split_by_sentence
from zoo_models.core.classification import LABEL_NAMES

UNLABELLED = "unsupervised"  # as TFDS calls it


@dataclass
class LabelledTexts:
    """Texts as bytes and their labels, an int32 array."""

    texts: list[bytes]
    labels: np.ndarray

    def take(self, indices: np.ndarray) -> "LabelledTexts":
        """Returns the examples at `indices`."""
        return LabelledTexts([self.texts[i] for i in indices], self.labels[indices])

    def join(self, others: "LabelledTexts") -> "LabelledTexts":
        """Returns these examples and then the others."""
        labels = np.concatenate([self.labels, others.labels])
        return LabelledTexts([*self.texts, *others.texts], labels)


def read_split(builder: Any, split: str, text: str, label: str) -> LabelledTexts:
    """Reads a split of a TFDS data set into memory.

    Raises:
        ValueError: If the data set has no such split, or if in it a text is empty, a
            label is missing or there is one class only.
    """
    dataset_checks.check_split(builder, split)
    examples = list(builder.as_dataset(split=split).as_numpy_iterator())
    texts = [example[text] for example in examples]
    labels = np.array([example[label] for example in examples], "int32")
    place = f"split {split!r} of {builder.name}"
    dataset_checks.check_texts(texts, place)
    dataset_checks.check_labels(labels, place)
    return LabelledTexts(texts, labels)


def read_unlabelled(builder: Any, split: str | None, text: str) -> list[bytes]:
    """Reads the texts of a split into memory, whatever their labels.

    Args:
        builder: TFDS builder of the data set.
        split: Name of the split; empty for no texts, `None` for `unsupervised` if
            there is one.
        text: Name of the text feature.

    Raises:
        ValueError: If the data set has no such split, or if a text is empty.
    """
    if split is None:
        split = UNLABELLED if UNLABELLED in builder.info.splits else ""
    return read_texts(builder, split, text) if split else []


@dataclass
class SecondSet:
    """The training, validation and test examples of a second data set."""

    training: LabelledTexts
    validation: LabelledTexts
    test: LabelledTexts


def read_second(builder: Any, config: Any, label_names: list[str]) -> SecondSet:
    """Reads a second set; no training phrase is part of a validation sentence.

    Args:
        builder: Its TFDS builder.
        config: Settings of the run.
        label_names: Labels of the first set.

    Raises:
        ValueError: If its labels are others.
    """
    names = [LABEL_NAMES.get(n, n) for n in builder.info.features["label"].names]
    if names != label_names:
        raise ValueError(
            f"The second data set must have the labels {label_names}. Received: {names}"
        )
    text = config.second_text
    data = read_split(builder, "train", text, "label")
    kept, held_out = split_by_sentence(data.texts, config.validation_fraction, seed=0)
    test = read_split(builder, config.second_test_split, text, "label")
    return SecondSet(data.take(kept), data.take(held_out), test)
