"""Gradients of answers, beside finite differences and known ones."""

import keras
import numpy as np
import pytest

from rnnzoo.analysis import gradient_map, loss_through_time
from rnnzoo.layers import Elman

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="gradients need TensorFlow"
)
INPUTS = np.random.default_rng(3).normal(size=(1, 6, 2)).astype("float32")


def make_model(**arguments):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((None, 2)),
            keras.layers.Bidirectional(Elman(3, return_sequences=True)),
            keras.layers.SimpleRNN(4, **arguments),
            keras.layers.Dense(2),
        ]
    )


def test_a_map_is_the_gradient_of_each_answer():
    model = make_model()
    (found,) = gradient_map(model, INPUTS, keras.ops.diagonal, ["no", "yes"])
    assert found.values.shape == (2, 6)
    size = 1e-2
    for t in range(6):
        gradient = np.zeros((2, 2))
        for d in range(2):
            up, down = INPUTS.copy(), INPUTS.copy()
            up[0, t, d] += size
            down[0, t, d] -= size
            difference = np.asarray(model(up)) - np.asarray(model(down))
            gradient[:, d] = difference[0] / (2 * size)
        np.testing.assert_allclose(
            found.values[:, t], np.linalg.norm(gradient, axis=1), rtol=2e-2, atol=1e-4
        )
    np.testing.assert_allclose(found.shares().sum(axis=1), 1)


def test_a_way_past_the_layer_counts_too():
    inputs = keras.Input((None, 2))
    around = keras.layers.Dense(3, use_bias=False, name="around")
    states = Elman(3, return_sequences=True)(inputs)
    model = keras.Model(inputs, keras.ops.sum(around(inputs) + 0 * states, axis=(1, 2)))
    (found,) = gradient_map(model, INPUTS, lambda outputs: outputs, ["sum"])
    own = np.linalg.norm(np.asarray(around.kernel).sum(axis=1))
    np.testing.assert_allclose(found.values[0], own, rtol=1e-5)


def test_the_gradient_of_the_loss_through_time_is_that_of_a_shaken_state():
    """A read-out of all states of a linear layer, whose gradient is known."""
    model = keras.Sequential(
        [
            keras.Input((None, 2)),
            Elman(
                2,
                "linear",
                recurrent_initializer=keras.initializers.Identity(0.5),
                return_sequences=True,
            ),
        ]
    )
    (found,) = loss_through_time(
        model, INPUTS, lambda states: keras.ops.sum(states[:, :, 0], axis=1)
    )
    # Each state counts itself, half in the next, a quarter in the one after it …
    known = [sum(0.5**k for k in range(6 - t)) for t in range(6)]
    np.testing.assert_allclose(found.loss_norms, known, rtol=1e-5)
    np.testing.assert_allclose(
        np.exp(found.log_gains), [0.5 ** (5 - t) for t in range(6)], rtol=1e-5
    )


def test_masked_steps_are_left_out():
    inputs, mask = keras.Input((None, 2)), keras.Input((None,), dtype="bool")
    layer = Elman(2, "linear", recurrent_initializer=keras.initializers.Identity(0.5))
    model = keras.Model([inputs, mask], layer(inputs, mask=mask))
    counts = np.array([[True, True, True, False, False, True]])
    (found,) = loss_through_time(model, [INPUTS, counts], lambda last: last[:, 0])
    np.testing.assert_allclose(found.loss_norms, [0.125, 0.25, 0.5, 1], rtol=1e-5)
    assert found.positions.tolist() == [0, 1, 2, 5]


def test_there_must_be_an_answer():
    with pytest.raises(ValueError, match="the number of answers"):
        gradient_map(make_model(), INPUTS, lambda outputs: outputs[:, 0], [])
