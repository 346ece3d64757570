"""Labelled texts for training: read, cut, tokenised once, put into buckets."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.text import Tokenizer, Vocabulary, count_words

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
        ValueError: If the data set has no such split, or it holds one class only.
    """
    if split not in builder.info.splits:
        raise ValueError(
            f"The split of {builder.name} must be one of {list(builder.info.splits)}. "
            f"Received: {split!r}"
        )
    examples = list(builder.as_dataset(split=split).as_numpy_iterator())
    labels = np.array([example[label] for example in examples], "int32")
    if labels.min(initial=0) < 0:
        raise ValueError(f"{builder.name} has examples without a label in {split!r}.")
    if len(set(labels.tolist())) < 2:
        raise ValueError(
            f"{builder.name} must have two classes or more in {split!r}. Received: "
            f"{len(examples)} examples of {len(set(labels.tolist()))}"
        )
    return LabelledTexts([example[text] for example in examples], labels)


def split_validation(
    data: LabelledTexts, fraction: float, seed: int
) -> tuple[LabelledTexts, LabelledTexts]:
    """Cuts validation examples off at random: the rest, then they."""
    if not 0.0 < fraction < 1.0:
        raise ValueError(
            f"`validation_fraction` must be over 0 and under 1. Received: {fraction}"
        )
    order = np.random.default_rng(seed).permutation(len(data.texts))
    cut = round(len(order) * fraction)
    return data.take(order[cut:]), data.take(order[:cut])


def learn_vocabulary(texts: list[bytes], max_size: int, min_count: int) -> Vocabulary:
    """The most frequent words of texts."""
    batches = (texts[i : i + 500] for i in range(0, len(texts), 500))
    return Vocabulary.from_counts(count_words(batches), max_size, min_count)


def to_batches(
    texts: list[bytes],
    targets: np.ndarray,
    tokenizer: Tokenizer,
    batch_size: int,
    seed: int | None = None,
) -> Any:
    """Makes a `tf.data.Dataset` of `(token_ids, targets)` in batches of like length.

    Args:
        texts: What the network reads.
        targets: What it is to answer: a row or number for each text.
        tokenizer: Turns texts into ids, once: epochs read them from memory.
        batch_size: Number of examples in a batch.
        seed: Seed of the order, which changes with each epoch; the last, smaller
            batch of each length is then left out. `None`: all examples in order.
    """
    import tensorflow as tf

    rows: list[np.ndarray] = []
    for start in range(0, len(texts), 500):
        ids = tokenizer(texts[start : start + 500]).numpy()
        is_token = ids[..., 0] != 0 if ids.ndim == 3 else ids != 0
        rows += [row[:n] for row, n in zip(ids, is_token.sum(axis=1), strict=True)]
    lengths = np.array([len(row) for row in rows])
    token_ids = tf.RaggedTensor.from_row_lengths(np.concatenate(rows), lengths)
    dataset = tf.data.Dataset.from_tensor_slices((token_ids, targets))
    # Rows come out as ragged tensors of no ragged dimension: make them plain.
    dataset = dataset.map(lambda ids, target: (tf.identity(ids), target))
    if seed is not None:
        dataset = dataset.shuffle(len(rows), seed=seed)
    edges = [length for length in BUCKETS if length < tokenizer.max_length]
    edges.append(tokenizer.max_length)
    # An edge is one over the length that its bucket is padded to.
    dataset = dataset.bucket_by_sequence_length(
        lambda ids, _: tf.shape(ids)[0],
        bucket_boundaries=[length + 1 for length in edges],
        bucket_batch_sizes=[batch_size] * (len(edges) + 1),
        pad_to_bucket_boundary=True,
        drop_remainder=seed is not None,
    )
    sizes = np.bincount(np.searchsorted(edges, lengths))
    count = sizes // batch_size if seed is not None else -(-sizes // batch_size)
    # Known to Keras, the number of batches makes its progress bar right.
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(int(count.sum())))
    return dataset.prefetch(tf.data.AUTOTUNE)
