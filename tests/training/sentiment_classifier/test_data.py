"""Batches: every text once, of like length, in an order that the seed decides."""

import numpy as np
import pytest

from rnnzoo.text import Tokenizer, Vocabulary
from training.core.holdout import split_validation
from training.sentiment_classifier.data import (
    LabelledTexts,
    learn_vocabulary,
    to_batches,
    tokenize,
)

WORDS = [f"w{i}" for i in range(50)]
TOKENIZER = Tokenizer(Vocabulary(WORDS), max_length=300)
PAIRS = Tokenizer(Vocabulary(WORDS), 300, bigrams=Vocabulary(["w1 w2"]))


def make_batches(data, tokenizer, batch_size, seed):
    rows = tokenize(data.texts, tokenizer)
    return to_batches(rows, data.labels, tokenizer.max_length, batch_size, seed)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, size)) for size in rng.integers(1, 500, 90)]
    labels = np.arange(90, dtype="int32")
    return LabelledTexts([text.encode() for text in texts], labels)


@pytest.mark.parametrize("tokenizer", [TOKENIZER, PAIRS])
def test_evaluation_has_every_text_once(data, tokenizer):
    batches = list(make_batches(data, tokenizer, 8, None).epoch().as_numpy_iterator())
    labels = np.concatenate([labels for _, labels in batches])
    assert sorted(labels) == list(range(90))
    for token_ids, batch_labels in batches:
        alone = tokenizer([data.texts[batch_labels[0]]]).numpy()[0]
        np.testing.assert_array_equal(token_ids[0, : len(alone)], alone)
        assert not token_ids[0, len(alone) :].any()


def test_lengths_are_those_of_the_buckets(data):
    lengths = {ids.shape[1] for ids, _ in make_batches(data, TOKENIZER, 2, 1).epoch()}
    assert lengths == {128, 160, 200, 260, 300}


def test_validation_is_cut_off_and_left_out(data):
    training, validation = split_validation(data, 0.2, seed=0)
    assert (len(training.texts), len(validation.texts)) == (72, 18)
    assert not set(training.labels) & set(validation.labels)
    again, _ = split_validation(data, 0.2, seed=0)
    limited, same = split_validation(data, 0.2, seed=0, limit=7)
    np.testing.assert_array_equal(limited.labels, training.labels[:7])
    np.testing.assert_array_equal(same.labels, validation.labels)
    np.testing.assert_array_equal(again.labels, training.labels)


def test_vocabulary_counts_what_the_tokenizer_sees():
    vocabulary = learn_vocabulary([b"A film, a FILM", b"rare"], 99, min_count=2)
    assert vocabulary.tokens[4:] == ["a", "film"]
