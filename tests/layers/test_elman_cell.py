"""The cell against NumPy and against `keras.layers.SimpleRNNCell`."""

import inspect

import keras
import numpy as np
import pytest

from rnnzoo.layers import ElmanCell

BATCH, TIME, INPUT_DIM, UNITS = 2, 4, 5, 3
ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    None: lambda z: z,
}


@pytest.fixture
def step():
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=(BATCH, INPUT_DIM)).astype("float32"),
        rng.normal(size=(BATCH, UNITS)).astype("float32"),
    )


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("use_bias", [True, False])
def test_step_is_the_equation(step, activation, use_bias):
    inputs, state = step
    cell = ElmanCell(
        UNITS, activation, use_bias=use_bias, bias_initializer="random_normal"
    )
    output, new_states = cell(inputs, [state])
    weights = [to_numpy(weight) for weight in cell.weights[: 2 + use_bias]]
    pre_activation = inputs @ weights[0] + state @ weights[1]
    if use_bias:
        pre_activation = pre_activation + weights[2]
    expected = ACTIVATIONS[activation](pre_activation)
    np.testing.assert_allclose(to_numpy(output), expected, atol=1e-6)
    np.testing.assert_array_equal(to_numpy(new_states[0]), to_numpy(output))


def test_state_is_nested_as_it_came(step):
    inputs, state = step
    cell = ElmanCell(UNITS)
    assert isinstance(cell(inputs, [state])[1], list)
    assert tuple(cell(inputs, state)[1].shape) == (BATCH, UNITS)


def test_weights_move_to_and_from_simple_rnn_cell(step):
    inputs, state = step
    theirs = keras.layers.SimpleRNNCell(UNITS, bias_initializer="random_normal")
    ours = ElmanCell(UNITS)
    expected = theirs(inputs, [state])[0]
    ours(inputs, [state])
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(
        to_numpy(ours(inputs, [state])[0]), to_numpy(expected), atol=1e-6
    )


def test_arguments_are_those_of_simple_rnn_cell():
    def arguments(function):
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.default) for p in parameters]

    assert arguments(ElmanCell) == arguments(keras.layers.SimpleRNNCell)


def test_initial_state_is_zero():
    (state,) = ElmanCell(UNITS).get_initial_state(batch_size=BATCH)
    np.testing.assert_array_equal(to_numpy(state), np.zeros((BATCH, UNITS)))


def test_stacked_cells_equal_two_layers(step):
    rng = np.random.default_rng(1)
    sequences = rng.normal(size=(BATCH, TIME, INPUT_DIM)).astype("float32")
    first, second = ElmanCell(UNITS), ElmanCell(UNITS + 1)
    stacked = keras.layers.RNN([first, second], return_sequences=True)
    outputs = stacked(sequences)
    lower = keras.layers.RNN(first, return_sequences=True)(sequences)
    upper = keras.layers.RNN(second, return_sequences=True)(lower)
    np.testing.assert_allclose(to_numpy(outputs), to_numpy(upper), atol=1e-6)


def test_dropout_in_rnn_equals_simple_rnn():
    rng = np.random.default_rng(2)
    sequences = rng.normal(size=(BATCH, TIME, INPUT_DIM)).astype("float32")
    rates = {"dropout": 0.4, "recurrent_dropout": 0.3, "seed": 7}
    ours = keras.layers.RNN(ElmanCell(UNITS, **rates), return_sequences=True)
    theirs = keras.layers.SimpleRNN(UNITS, return_sequences=True, **rates)
    ours.build(sequences.shape)
    theirs.build(sequences.shape)
    ours.set_weights(theirs.get_weights())
    expected = to_numpy(theirs(sequences, training=True))
    np.testing.assert_allclose(
        to_numpy(ours(sequences, training=True)), expected, atol=1e-6
    )
    without = to_numpy(ours(sequences, training=False))
    assert np.abs(without - expected).max() > 1e-3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"units": 0}, "positive integer. Received: units=0"),
        ({"units": 2.5}, "positive integer. Received: units=2.5"),
        ({"units": True}, "positive integer. Received: units=True"),
        ({"units": 2, "dropout": 1.5}, "from 0 to 1. Received: dropout=1.5"),
        ({"units": 2, "dropout": "a"}, "from 0 to 1. Received: dropout='a'"),
        (
            {"units": 2, "recurrent_dropout": -0.1},
            "from 0 to 1. Received: recurrent_dropout=-0.1",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ElmanCell(**arguments)


def test_bad_inputs_are_named(step):
    inputs, state = step
    with pytest.raises(ValueError, match=r"one step of shape .*shape \(2, 1, 5\)"):
        ElmanCell(UNITS)(inputs[:, None], [state])
    with pytest.raises(ValueError, match=r"shape \(batch, 3\).*shape \(2, 2\)"):
        ElmanCell(UNITS)(inputs, [state[:, :2]])
    with pytest.raises(ValueError, match=r"one state.*Received: 2 states"):
        ElmanCell(UNITS)(inputs, [state, state])


def test_masks_do_not_outlive_a_sequence():
    sequences = np.ones((BATCH, TIME, INPUT_DIM), "float32")
    layer = keras.layers.RNN(ElmanCell(UNITS, dropout=0.5, seed=1))
    first = to_numpy(layer(sequences, training=True))
    second = to_numpy(layer(sequences, training=True))
    assert np.abs(first - second).max() > 1e-3
