"""Texts for a language model: read, counted, made ids of."""

from typing import Any

import numpy as np

from rnnzoo.text import END_ID, PAD_ID, UNKNOWN_ID, Tokenizer, Vocabulary, count_words
from training.core import dataset_checks

BATCH = 500


def read_splits(builder: Any, splits: str, text: str) -> list[bytes]:
    """Reads the texts of splits, joined by `+`, into memory.

    Raises:
        ValueError: If the data set has no such split, or if a text is empty.
    """
    for split in splits.split("+"):
        dataset_checks.check_split(builder, split)
    examples = builder.as_dataset(split=splits).as_numpy_iterator()
    texts = [example[text] for example in examples]
    dataset_checks.check_texts(texts, f"split {splits!r} of {builder.name}")
    return texts


def learn_vocabulary(
    texts: list[bytes], max_size: int, min_count: int
) -> tuple[Vocabulary, np.ndarray]:
    """The most frequent words of texts, and how often each id occurs; at least once,
    so that none is impossible."""
    batches = (texts[i : i + BATCH] for i in range(0, len(texts), BATCH))
    words = count_words(batches)
    vocabulary = Vocabulary.from_counts(words, max_size, min_count)
    counts = np.array([words[token] for token in vocabulary.tokens], "float64")
    counts[UNKNOWN_ID] = words.total() - counts[END_ID + 1 :].sum()
    counts[END_ID] = len(texts)
    return vocabulary, np.maximum(counts, 1)


def unigram_perplexity(
    texts: list[bytes], vocabulary: Vocabulary, counts: np.ndarray
) -> float:
    """The perplexity of texts to one who knows how often each word occurs, and looks at
    none that came before.

    Args:
        texts: The texts; their ends are told too.
        vocabulary: These two are what `learn_vocabulary` gave.
        counts: See `vocabulary`.
    """
    ids = np.concatenate([[END_ID] * len(texts), *to_ids(texts, vocabulary)])
    logs = np.log(counts / counts.sum())
    return float(np.exp(-logs[ids.astype("int32")].mean()))


def to_ids(texts: list[bytes], vocabulary: Vocabulary) -> list[np.ndarray]:
    """The ids of the words of each text, without an end, in as few bytes as will do."""
    tokenizer = Tokenizer(vocabulary, max_length=4096)
    dtype = np.min_scalar_type(len(vocabulary))
    rows: list[np.ndarray] = []
    for start in range(0, len(texts), BATCH):
        ids = tokenizer.open(texts[start : start + BATCH]).numpy()
        sizes = (ids != PAD_ID).sum(axis=1)
        rows += [row[1:n].astype(dtype) for row, n in zip(ids, sizes, strict=True)]
    return rows
