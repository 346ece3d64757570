"""Fixtures: a tiny classifier that any test may use, and what its folder holds."""

import pytest

WORDS = ("a", "bad", "dull", "film", "fine", "good", "the")


def make_classifier(**arguments):
    """An untrained classifier of a few weights."""
    from rnnzoo import SentimentClassifier
    from rnnzoo.text import Tokenizer, Vocabulary

    tokenizer = Tokenizer(Vocabulary(WORDS), 9)
    settings = {
        "vocabulary_size": len(tokenizer.vocabulary),
        "embedding_dim": 6,
        "units": 3,
        "preprocessor": tokenizer,
        **arguments,
    }
    return SentimentClassifier(**settings)


@pytest.fixture
def classifier():
    import keras

    keras.utils.set_random_seed(0)
    return make_classifier()


@pytest.fixture
def preset_folder(classifier, tmp_path):
    """A preset of one's own, on disk."""
    folder = tmp_path / "tiny"
    classifier.save_to_preset(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    """Folder with the prepared TFDS set `tiny_reviews`."""
    from tests.tiny_reviews import prepare

    return prepare(tmp_path_factory.mktemp("tfds"))


@pytest.fixture(scope="session")
def tiny_images(tmp_path_factory):
    """Folder with the prepared TFDS set `tiny_shapes`."""
    from tests.tiny_shapes import prepare

    return prepare(tmp_path_factory.mktemp("tfds"))
