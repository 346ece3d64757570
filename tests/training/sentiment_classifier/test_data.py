"""Batches: every text once, of like length, in an order that the seed decides."""

import numpy as np
import pytest

from rnnzoo.text import Tokenizer, Vocabulary
from training.core.texts import learn_vocabulary, to_rows
from training.sentiment_classifier.data import LabelledTexts
from training.sentiment_classifier.task import to_batches

WORDS = [f"w{i}" for i in range(50)]
TOKENIZER = Tokenizer(Vocabulary(WORDS), max_length=300)


def make_batches(data, tokenizer, batch_size, seed):
    rows = to_rows(data.texts, tokenizer)
    evidence = [np.stack([row, -row], 1) if len(row) % 2 else None for row in rows]
    labels = data.labels[:, None]
    return to_batches(rows, labels, evidence, tokenizer.max_length, batch_size, seed)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, size)) for size in rng.integers(1, 500, 90)]
    labels = np.arange(90, dtype="int32")
    return LabelledTexts([text.encode() for text in texts], labels)


def test_evaluation_has_every_text_once(data):
    batches = list(make_batches(data, TOKENIZER, 8, None).epoch().as_numpy_iterator())
    labels = np.concatenate([targets["label"][:, 0] for _, targets in batches])
    assert sorted(labels) == list(range(90))
    for token_ids, targets in batches:
        alone = TOKENIZER([data.texts[int(targets["label"][0, 0])]]).numpy()[0]
        size = len(alone)
        np.testing.assert_array_equal(token_ids[0, :size], alone)
        assert not token_ids[0, size:].any()
        # Nothing is known of padding, nor of texts without evidence.
        steps = targets["evidence"][0]
        assert steps.shape == (token_ids.shape[1], 3)
        assert not steps[size:].any()
        assert (steps[:size, 2] == size % 2).all()
        np.testing.assert_array_equal(steps[:size, 0], alone * (size % 2))


def test_lengths_are_those_of_the_buckets(data):
    lengths = {ids.shape[1] for ids, _ in make_batches(data, TOKENIZER, 2, 1).epoch()}
    assert lengths <= {16, 32, 64, 96, 128, 160, 200, 260, 300}
    assert len(lengths) > 4


def test_vocabulary_counts_what_the_tokenizer_sees():
    vocabulary = learn_vocabulary([b"A film, a FILM", b"rare"], 99, min_count=2)
    assert vocabulary.tokens[4:] == ["a", "film"]
