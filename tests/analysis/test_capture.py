"""States are read off any Keras model with a plain recurrent layer."""

import keras
import numpy as np
import pytest

from rnnzoo.analysis import find_recurrent, read_states
from rnnzoo.layers import Elman, ElmanCell


def make_model():
    """Both directions, a stack, a mask and last states alone."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, 2))
    mask = keras.Input((None,), dtype="bool")
    both = keras.layers.Bidirectional(Elman(3, return_sequences=True), name="both")
    states = both(inputs, mask=mask)
    last = keras.layers.SimpleRNN(4, name="last")(states, mask=mask)
    return keras.Model([inputs, mask], [states, last])


@pytest.fixture(scope="module")
def example():
    inputs = np.random.default_rng(0).normal(size=(2, 5, 2)).astype("float32")
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)
    return [inputs, mask]


def test_states_are_those_of_the_model(example):
    model = make_model()
    states, last = (np.asarray(x) for x in model(example))
    tokens = [[*"abcde"], [*"xyz"]]
    rows = read_states(model, example, tokens)
    for i, length in enumerate((5, 3)):
        forwards, backwards, upper = rows[i]
        assert [len(s) for s in rows[i]] == [length] * 3
        np.testing.assert_allclose(forwards.values, states[i, :length, :3], atol=1e-6)
        np.testing.assert_allclose(
            backwards.by_position(), states[i, :length, 3:], atol=1e-6
        )
        np.testing.assert_allclose(upper.values[-1], last[i], atol=1e-6)
        assert "".join(backwards.tokens) == "".join(tokens[i])[::-1]
    names = [s.layer for s in rows[0]]
    assert names == ["both/forward", "both/backward", "last"]
    assert "call" not in vars(model.get_layer("last"))


def test_layers_are_found_by_what_they_are():
    inputs = keras.Input((None, 2))
    inner = keras.Sequential([keras.Input((None, 2)), Elman(3, return_sequences=True)])
    x = keras.layers.GRU(3, return_sequences=True)(inner(inputs))
    x = keras.layers.RNN(ElmanCell(2), name="around_a_cell")(x)
    names = [name for name, _ in find_recurrent(keras.Model(inputs, x))]
    assert len(names) == 2
    assert names[1] == "around_a_cell"


def test_gates_are_refused_by_name():
    model = keras.Sequential([keras.Input((None, 2)), keras.layers.LSTM(3, name="g")])
    with pytest.raises(ValueError, match=r"layers with gates, \['g'\]"):
        read_states(model, np.zeros((1, 4, 2), "float32"))


def test_a_stateful_layer_is_left_alone():
    layer = keras.layers.SimpleRNN(2, stateful=True)
    model = keras.Sequential([keras.Input((3, 2), batch_size=1), layer])
    with pytest.raises(ValueError, match="is stateful"):
        read_states(model, np.zeros((1, 3, 2), "float32"))


def test_other_activations_are_refused_with_the_reason():
    model = keras.Sequential([keras.Input((None, 2)), Elman(3, "softsign")])
    with pytest.raises(ValueError, match="activation='softsign'"):
        read_states(model, np.zeros((1, 4, 2), "float32"))
