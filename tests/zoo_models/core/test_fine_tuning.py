"""A published preset goes on learning, on data of one's own."""

import keras
import numpy as np
import pytest

from rnnzoo import SentimentClassifier

# Words that mean something else here than in film reviews, or nothing there.
WORDS = {
    "praise": ["crisp", "sturdy", "lightweight", "unpredictable"],
    "complaint": ["scratched", "flimsy", "wobbly", "predictable"],
    "question": ["refundable", "compatible", "washable", "available"],
}
PRODUCTS = ["kettle", "lamp", "chair", "jacket", "phone", "desk"]


def make_texts(labels, size, seed):
    """Texts about products; a word in each tells its label."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(size) % len(labels)
    texts = [
        f"About the {rng.choice(PRODUCTS)} of mine: "
        f"{rng.choice(WORDS[labels[number]])}, I would say, number {rng.integers(99)}."
        for number in numbers
    ]
    return texts, numbers


def accuracy(classifier, texts, numbers):
    answers = [a["label"] for a in classifier.classify(texts, verbose=0)]
    return np.mean(
        [classifier.labels[n] == a for n, a in zip(numbers, answers, strict=True)]
    )


@pytest.mark.filterwarnings("ignore:The weights that no longer fit")
@pytest.mark.compiled
@pytest.mark.slow
@pytest.mark.parametrize("labels", [["complaint", "praise"], [*WORDS]])
def test_a_preset_learns_texts_of_ones_own(labels, tmp_path):
    keras.utils.set_random_seed(0)
    classifier = SentimentClassifier.from_preset("sentiment_imdb_en", labels=labels)
    before = classifier.get_layer("embedding").get_weights()[0].copy()
    texts, numbers = make_texts(labels, 240, seed=0)
    test = make_texts(labels, 60, seed=1)
    untrained = accuracy(classifier, *test)
    classifier.compile(keras.optimizers.Adam(3e-3, global_clipnorm=1.0))
    classifier.fit(texts, numbers, batch_size=16, epochs=4, verbose=0)
    trained = accuracy(classifier, *test)
    assert trained > 0.9 > untrained
    # It went on from the preset: words that did not occur are as they were.
    after = classifier.get_layer("embedding").get_weights()[0]
    same = (before == after).all(axis=1)
    assert same.any()
    assert not same.all()
    classifier.save_to_preset(tmp_path / "mine")
    again = SentimentClassifier.from_preset(tmp_path / "mine")
    assert again.labels == labels
    assert accuracy(again, *test) == trained
