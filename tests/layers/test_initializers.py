"""What starts at random, unless it is about to be loaded."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import SentimentClassifier
from rnnzoo.layers.initializers import (
    GlorotUniform,
    Orthogonal,
    RandomNormal,
    without_drawing,
)


@pytest.mark.parametrize(
    "initializer",
    [
        GlorotUniform(seed=3),
        Orthogonal(gain=0.5, seed=3),
        RandomNormal(stddev=0.3, seed=3),
    ],
)
def test_nothing_is_drawn_where_weights_are_loaded(initializer):
    name = type(initializer).__name__
    config = initializer.get_config()
    expected = getattr(keras.initializers, name)(**config)((4, 3))
    with without_drawing():
        assert not ops.convert_to_numpy(initializer((4, 3))).any()
    again = keras.initializers.deserialize(keras.initializers.serialize(initializer))
    assert type(again) is type(initializer)
    for one in (initializer, again):
        received = ops.convert_to_numpy(one((4, 3)))
        assert np.array_equal(received, ops.convert_to_numpy(expected))


def test_a_loaded_model_has_its_weights_and_its_clone_starts_at_random(
    classifier, preset_folder
):
    loaded = SentimentClassifier.from_preset(preset_folder)
    for one, other in zip(loaded.weights, classifier.weights, strict=True):
        assert np.array_equal(*map(ops.convert_to_numpy, (one, other)))
    clone = keras.models.clone_model(loaded.network())
    for weight in clone.trainable_weights:
        is_drawn = ops.convert_to_numpy(weight).any()
        assert is_drawn == ("bias" not in weight.path), weight.path
    unloaded = SentimentClassifier.from_preset(preset_folder, load_weights=False)
    assert ops.convert_to_numpy(unloaded.weights[0]).any()
