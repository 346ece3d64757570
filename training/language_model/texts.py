"""Vocabulary, counts and ids of the texts for a language model."""

import numpy as np

from rnnzoo.text import END_ID, UNKNOWN_ID, Tokenizer, Vocabulary, count_words
from training.core.texts import batches, to_rows


def learn_counts(
    texts: list[bytes], max_size: int, min_count: int
) -> tuple[Vocabulary, np.ndarray]:
    """Returns the most frequent words of texts, and the count of each id, at least 1 so
    that none is impossible."""
    words = count_words(batches(texts))
    vocabulary = Vocabulary.from_counts(words, max_size, min_count)
    counts = np.array([words[token] for token in vocabulary.tokens], "float64")
    counts[UNKNOWN_ID] = words.total() - counts[END_ID + 1 :].sum()
    counts[END_ID] = len(texts)
    return vocabulary, np.maximum(counts, 1)


def unigram_perplexity(
    texts: list[bytes], vocabulary: Vocabulary, counts: np.ndarray
) -> float:
    """Returns the perplexity of texts, their ends included, under the frequencies of
    words.

    Args:
        texts: The texts.
        vocabulary: From `learn_counts`.
        counts: From `learn_counts`.
    """
    ids = np.concatenate([[END_ID] * len(texts), *to_ids(texts, vocabulary)])
    logs = np.log(counts / counts.sum())
    return float(np.exp(-logs[ids.astype("int32")].mean()))


def to_ids(texts: list[bytes], vocabulary: Vocabulary) -> list[np.ndarray]:
    """Returns the ids of each text, without an end, in the smallest integer type."""
    tokenizer = Tokenizer(vocabulary, max_length=4096)
    dtype = np.min_scalar_type(len(vocabulary))
    return [row[1:].astype(dtype) for row in to_rows(texts, tokenizer.open)]
