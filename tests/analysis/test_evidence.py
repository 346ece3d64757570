"""Evidence in networks where it is known what each word says."""

import keras
import numpy as np
import pytest

from rnnzoo.analysis import integrated_gradients, log_odds
from rnnzoo.layers import Elman

WORTH = {"dull": -2.0, "the": 0.0, "film": 0.5, "fine": 3.0}
WORDS = [*WORTH]


def make_counter():
    """Adds up what its words are worth: the log-odds of class 1 are their sum."""
    ids = keras.Input((None,), dtype="int32")
    embed = keras.layers.Embedding(4, 1, name="worth")
    add = Elman(1, "linear", "ones", recurrent_initializer="ones", name="sum")
    total = add(embed(ids))
    outputs = keras.layers.Activation("softmax")(
        keras.ops.concatenate([keras.ops.zeros_like(total), total], axis=1)
    )
    model = keras.Model(ids, outputs)
    embed.set_weights([np.array([[v] for v in WORTH.values()], "float32")])
    kernel, recurrent_kernel, bias = add.get_weights()
    add.set_weights([np.ones_like(kernel), np.ones_like(recurrent_kernel), 0 * bias])
    return model


@pytest.mark.parametrize(
    "text", ["the film the fine", "dull dull film", "fine the dull film the"]
)
def test_each_word_says_what_it_is_worth(text):
    tokens = text.split()
    ids = np.array([[WORDS.index(token) for token in tokens]], "int32")
    found = integrated_gradients(make_counter(), ids, log_odds(1), "positive", tokens)
    worth = [WORTH[token] for token in tokens]
    np.testing.assert_allclose(found.attributions, worth, atol=1e-3)
    assert found.score == pytest.approx(sum(worth), abs=1e-3)
    assert found.baseline == pytest.approx(0, abs=1e-3)
    assert tokens[found.strongest(1)[0]] in ("fine", "dull")


def test_attributions_add_up_in_a_network_that_is_not_linear():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, 3))
    x = keras.layers.Bidirectional(Elman(4, return_sequences=True))(inputs)
    x = keras.layers.GlobalMaxPooling1D()(x)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    example = np.random.default_rng(0).normal(size=(1, 7, 3)).astype("float32")
    found = integrated_gradients(model, example, log_odds(0), points=256)
    assert abs(found.score - found.baseline) > 0.05
    gain = found.score - found.baseline
    assert abs(gain - found.attributions.sum()) < 0.02 * abs(gain)
