"""Texts of a data set: read, counted, tokenized."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from rnnzoo.text import Vocabulary, count_words
from training.core import dataset_checks

BATCH = 1_000  # texts at once


def read_texts(builder: Any, splits: str, text: str) -> list[bytes]:
    """Reads the texts of splits, joined by `+`, into memory.

    Raises:
        ValueError: If the data set has no such split, or a text is empty.
    """
    for split in splits.split("+"):
        dataset_checks.check_split(builder, split)
    examples = builder.as_dataset(split=splits).as_numpy_iterator()
    texts = [example[text] for example in examples]
    dataset_checks.check_texts(texts, f"split {splits!r} of {builder.name}")
    return texts


def learn_vocabulary(
    texts: Sequence[bytes], max_size: int, min_count: int
) -> Vocabulary:
    """Returns the most frequent words of texts."""
    return Vocabulary.from_counts(count_words(batches(texts)), max_size, min_count)


def to_rows(
    texts: Sequence[bytes], tokenize: Callable[[Sequence[bytes]], Any]
) -> list[np.ndarray]:
    """Returns the ids of each text, without padding.

    Args:
        texts: Texts in UTF-8.
        tokenize: Returns a tensor of ids, padded with zeros on the right.
    """
    rows: list[np.ndarray] = []
    for batch in batches(texts):
        ids = tokenize(batch).numpy()
        sizes = np.count_nonzero(ids, axis=1)
        rows += [row[:size] for row, size in zip(ids, sizes, strict=True)]
    return rows


def batches(texts: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yields parts of `BATCH` texts."""
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]
