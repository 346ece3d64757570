"""Checks of data sets before training starts."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def check_split(builder: Any, split: str) -> None:
    """Raises `ValueError` if a data set has no such split.

    A mocked set has no list of splits and accepts any.
    """
    name = split.partition("[")[0]
    if builder.info.splits and name not in builder.info.splits:
        raise ValueError(
            f"The split of {builder.name} must be one of {list(builder.info.splits)}. "
            f"Received: {split!r}"
        )


def check_texts(texts: Sequence[bytes], place: str) -> None:
    """Raises `ValueError` if there are no texts, or empty ones.

    Args:
        texts: Texts in UTF-8.
        place: Where they come from, for the message.
    """
    empty = [i for i, text in enumerate(texts) if not text.strip()]
    if empty or not len(texts):
        raise ValueError(
            f"The texts in the {place} must not be empty. Received: {len(empty)} of "
            f"{len(texts)} empty{_first(empty)}. Filter them out of the data set."
        )


def check_labels(labels: np.ndarray, place: str) -> None:
    """Raises `ValueError` if a label is missing, or all are the same.

    Args:
        labels: Integers, a label for each example; TFDS gives -1 for none.
        place: Where they come from, for the message.
    """
    missing = np.flatnonzero(labels < 0)
    if missing.size:
        raise ValueError(
            f"All examples in the {place} must have a label. Received: {missing.size} "
            f"of {len(labels)} without{_first(missing)}. A test split without labels "
            "cannot be measured: name another."
        )
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(
            f"There must be two classes or more in the {place}. Received: "
            f"{len(labels)} examples of class {classes.tolist()}"
        )


def check_captions(captions: Sequence[Sequence[bytes]], place: str) -> None:
    """Raises `ValueError` if an image has no caption, or an empty one.

    Args:
        captions: The captions of each image.
        place: Where they come from, for the message.
    """
    bare = [i for i, some in enumerate(captions) if not any(c.strip() for c in some)]
    empty = [i for i, some in enumerate(captions) if not all(c.strip() for c in some)]
    if bare or empty or not len(captions):
        raise ValueError(
            f"Each image in the {place} must have captions, none of them empty. "
            f"Received: {len(bare)} of {len(captions)} images without"
            f"{_first(bare)}, {len(empty)} with an empty one{_first(empty)}"
        )


def _first(numbers: Any) -> str:
    return f", the first at {numbers[0]}" if len(numbers) else ""
