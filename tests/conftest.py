"""Fixtures that any test may use, and how models run in tests."""

import functools
import gc
import random

import numpy as np
import pytest

from zoo_models.core.saving import load_model
from zoo_models.core.zoo_model import ZooModel

# Finalizers of TensorFlow block for up to a minute and a half: nothing is collected,
# even if a library calls `gc.collect`.
gc.disable()


@pytest.fixture(autouse=True)
def garbage_is_kept():
    gc.freeze()


WORDS = ("a", "bad", "dull", "film", "fine", "good", "the")


def seed(number):
    """Seeds what Keras draws its own seeds from. Unlike `keras.utils.set_random_seed`
    it leaves TensorFlow its compiled kernels; the order of `tf.data` stays random."""
    random.seed(number)
    np.random.seed(number)


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


@pytest.fixture(scope="session", autouse=True)
def _eager_models():
    """Makes all models run op by op: to trace a tiny model takes longer."""
    compiled = ZooModel.run_eagerly
    with pytest.MonkeyPatch.context() as patch:
        eager = property(lambda self: True, compiled.fset)
        patch.setattr(ZooModel, "run_eagerly", eager)
        yield compiled


@pytest.fixture(autouse=True)
def _same_start(request, _eager_models):
    """Seeds each test, so that its order changes nothing. Models compile as they do for
    users in tests marked `compiled`, and in those on real data, which are long."""
    seed(0)
    with pytest.MonkeyPatch.context() as patch:
        if {"compiled", "data"} & {*request.keywords}:
            patch.setattr(ZooModel, "run_eagerly", _eager_models)
        yield


@pytest.fixture
def classifier():
    return make_classifier()


@pytest.fixture
def preset_folder(classifier, tmp_path):
    """A preset of one's own, on disk."""
    folder = tmp_path / "tiny"
    classifier.save_to_preset(folder)
    return folder


@pytest.fixture(scope="session")
def published():
    """`published(preset)`: the model, loaded once. No test may change its weights."""
    load = functools.cache(lambda preset: load_model(ZooModel, preset, True, {}))

    def get(preset):
        model = load(preset)
        model.compile()  # another test may have chosen a sampler
        return model

    return get


@pytest.fixture(scope="session")
def published_export(published, tmp_path_factory):
    """`published_export(preset, format)`: the folder of its export, made once."""

    @functools.cache
    def export(preset, format="saved_model"):
        model = published(preset)
        if format == "onnx" and model.verb == "generate":
            model.compile(sampler="beam")
        return model.export(tmp_path_factory.mktemp("published"), format=format)

    return export


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """`exported(class_name, format)`: a calibrated tiny model that searches with beams,
    inputs for it, and the folder of its export as version 3 of `mine`. Made once. No
    test may change any of them."""
    from tests.tiny_zoo import TINY, make_lively

    make = functools.cache(make_lively)

    @functools.cache
    def export(class_name, format="saved_model"):
        model, (_, inputs) = make(class_name), TINY[class_name]
        base = tmp_path_factory.mktemp("exported")
        return model, inputs, model.export(base, format=format, version=3, name="mine")

    return export


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    """Folder with the prepared TFDS set `tiny_reviews`."""
    from tests.tiny_sets import prepare

    return prepare("tiny_reviews", tmp_path_factory.mktemp("tfds"))


@pytest.fixture(scope="session")
def tiny_images(tmp_path_factory):
    """Folder with the prepared TFDS set `tiny_shapes`."""
    from tests.tiny_sets import prepare

    return prepare("tiny_shapes", tmp_path_factory.mktemp("tfds"))
