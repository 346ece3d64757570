import numpy as np

from training.sentiment_classifier.ngrams import (
    learn_bigrams,
    teacher_probabilities,
    to_words,
)

TEXTS = [b"Not good, I said"] * 9 + [b"good, I said"] * 9 + [b"I said rare pair"]
LABELS = np.array([0] * 9 + [1] * 9 + [1])


def test_words_are_those_of_the_tokenizer():
    assert to_words([b"It's<br />FINE!"])[0].split() == ["it's", "fine", "!"]


def test_the_telling_pair_comes_first():
    words = to_words(TEXTS)
    bigrams = learn_bigrams(words, LABELS, 99, min_count=2).tokens[4:]
    assert bigrams[0] == "not good"
    assert "i said" in bigrams
    assert "rare pair" not in bigrams
    assert learn_bigrams(words, LABELS, 5, min_count=2).tokens[4:] == ["not good"]


def test_the_teacher_judges_what_it_has_not_seen():
    """Labels drawn by lot: nothing can be learnt, so nothing must be known."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    texts = [f"unique{i} w{rng.integers(5)}" for i in range(200)]
    probabilities = teacher_probabilities(texts, labels, folds=4, seed=0)
    assert probabilities.shape == (200, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert (probabilities.argmax(axis=1) == labels).mean() < 0.65


def test_the_teacher_learns_what_can_be_learnt():
    probabilities = teacher_probabilities(
        to_words(TEXTS[:18]), LABELS[:18], folds=3, seed=0
    )
    assert (probabilities.argmax(axis=1) == LABELS[:18]).all()
