"""Labelled texts for training: read, cut, tokenised once, put into buckets."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.text import Tokenizer, Vocabulary, count_words
from training.core import dataset_checks
from training.core.batches import Batches

# Texts of a batch are padded to one of these lengths: little padding, and few
# shapes for XLA to compile.
BUCKETS = (128, 160, 200, 260, 330)


@dataclass
class LabelledTexts:
    """Texts as bytes and their labels, an int32 array."""

    texts: list[bytes]
    labels: np.ndarray

    def take(self, indices: np.ndarray) -> "LabelledTexts":
        """The examples at `indices`."""
        return LabelledTexts([self.texts[i] for i in indices], self.labels[indices])


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


def learn_vocabulary(texts: list[bytes], max_size: int, min_count: int) -> Vocabulary:
    """The most frequent words of texts."""
    batches = (texts[i : i + 500] for i in range(0, len(texts), 500))
    return Vocabulary.from_counts(count_words(batches), max_size, min_count)


def tokenize(texts: list[bytes], tokenizer: Tokenizer) -> list[np.ndarray]:
    """The ids of each text, without padding."""
    rows: list[np.ndarray] = []
    for start in range(0, len(texts), 500):
        ids = tokenizer(texts[start : start + 500]).numpy()
        is_token = ids[..., 0] != 0 if ids.ndim == 3 else ids != 0
        rows += [row[:n] for row, n in zip(ids, is_token.sum(axis=1), strict=True)]
    return rows


def to_batches(
    rows: list[np.ndarray],
    targets: np.ndarray,
    max_length: int,
    batch_size: int,
    seed: int | None = None,
) -> Batches:
    """Batches of `(token_ids, targets)` of like length.

    Args:
        rows: What `tokenize` returned.
        targets: What the network is to answer: a row or number for each text.
        max_length: Length of the longest row that the tokenizer makes.
        batch_size: Number of examples in a batch.
        seed: Seed of the order: see `Batches`.
    """
    edges = [length for length in BUCKETS if length < max_length]
    lengths = [len(row) for row in rows]
    return Batches((rows, targets), batch_size, seed, lengths, [*edges, max_length])
