"""The layer against NumPy and against `keras.layers.SimpleRNN`."""

import inspect
import subprocess
import sys

import keras
import numpy as np
import pytest

from rnnzoo.layers import Elman, ElmanCell
from tests.backends import layer_gradients

BATCH, TIME, INPUT_DIM, UNITS = 2, 4, 5, 3
MASKS = {
    "none": None,
    "right padding": np.array([[1, 1, 1, 0], [1, 0, 0, 0]], bool),
    "holes": np.array([[0, 1, 0, 1], [1, 0, 1, 0]], bool),
    "a whole row": np.array([[0, 0, 0, 0], [1, 1, 0, 1]], bool),
}


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def make_sequences(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(BATCH, TIME, INPUT_DIM)).astype("float32")


def make_pair(**arguments):
    """An `Elman` and a `SimpleRNN` with the same weights."""
    ours = Elman(UNITS, **arguments)
    theirs = keras.layers.SimpleRNN(UNITS, **arguments)
    for layer in (ours, theirs):
        layer.build((BATCH, TIME, INPUT_DIM))
    theirs.set_weights(
        [np.random.default_rng(1).normal(size=w.shape) for w in theirs.get_weights()]
    )
    ours.set_weights(theirs.get_weights())
    return ours, theirs


def assert_same(ours, theirs, tolerance=1e-6):
    ours = ours if isinstance(ours, list | tuple) else [ours]
    theirs = theirs if isinstance(theirs, list | tuple) else [theirs]
    assert len(ours) == len(theirs)
    for left, right in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(to_numpy(left), to_numpy(right), atol=tolerance)


def test_numpy_step_by_step():
    sequences, mask = make_sequences(), MASKS["holes"]
    layer = Elman(UNITS, return_sequences=True, bias_initializer="random_normal")
    outputs = to_numpy(layer(sequences, mask=mask))
    kernel, recurrent_kernel, bias = (to_numpy(w) for w in layer.weights[:3])
    state = np.zeros((BATCH, UNITS))
    for t in range(TIME):
        new = np.tanh(sequences[:, t] @ kernel + state @ recurrent_kernel + bias)
        state = np.where(mask[:, t, None], new, state)
        np.testing.assert_allclose(outputs[:, t], state, atol=1e-6)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("unroll", [False, True])
def test_outputs_and_states_equal_simple_rnn(mask, go_backwards, unroll):
    is_torch = keras.backend.backend() == "torch"
    if is_torch and unroll and go_backwards and MASKS[mask] is not None:
        pytest.skip("SimpleRNN itself fails here: Keras flips a tuple of masks")
    ours, theirs = make_pair(
        return_sequences=True,
        return_state=True,
        go_backwards=go_backwards,
        unroll=unroll,
    )
    arguments = {"mask": MASKS[mask], "initial_state": make_sequences(2)[:, 0, :UNITS]}
    assert_same(
        ours(make_sequences(), **arguments), theirs(make_sequences(), **arguments)
    )


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("return_sequences", [False, True])
def test_gradients_equal_simple_rnn(mask, return_sequences):
    ours, theirs = make_pair(return_sequences=return_sequences)
    for left, right in zip(
        layer_gradients(ours, make_sequences(), mask=MASKS[mask]),
        layer_gradients(theirs, make_sequences(), mask=MASKS[mask]),
        strict=True,
    ):
        scale = max(np.abs(right).max(), 1e-6)
        assert np.abs(left - right).max() / scale < 1e-5


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "linear", "softsign"])
def test_activations_equal_simple_rnn(activation):
    ours, theirs = make_pair(activation=activation, return_sequences=True)
    assert_same(ours(make_sequences()), theirs(make_sequences()))


def test_integers_equal_simple_rnn():
    ours, theirs = make_pair()
    sequences = np.arange(BATCH * TIME * INPUT_DIM).reshape(BATCH, TIME, INPUT_DIM) % 3
    assert_same(ours(sequences), theirs(sequences.astype("float32")))


def test_dropout_equals_simple_rnn():
    ours, theirs = make_pair(
        dropout=0.4, recurrent_dropout=0.3, seed=7, return_sequences=True
    )
    expected = theirs(make_sequences(), training=True)
    assert_same(ours(make_sequences(), training=True), expected)
    assert np.abs(to_numpy(ours(make_sequences()) - expected)).max() > 1e-3


DTYPES = ["mixed_float16", "mixed_bfloat16"]
if keras.backend.backend() != "jax":  # which has no float64 unless switched on
    DTYPES.append("float64")


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_equal_simple_rnn(dtype):
    ours, theirs = make_pair(dtype=dtype, return_sequences=True)
    left, right = ours(make_sequences()), theirs(make_sequences())
    assert keras.backend.standardize_dtype(left.dtype) == ours.compute_dtype
    assert ours.cell.compute_dtype == ours.compute_dtype
    assert_same(keras.ops.cast(left, "float32"), keras.ops.cast(right, "float32"), 2e-2)


def test_stateful_carries_the_state_and_resets_it():
    ours, theirs = make_pair(stateful=True)
    first, second = make_sequences(3), make_sequences(4)
    for layer in (ours, theirs):
        layer(first)
    assert_same(ours(second), theirs(second))
    ours.reset_state()
    plain, _ = make_pair()
    assert_same(ours(second), plain(second))


def test_bidirectional_equals_simple_rnn():
    ours, theirs = make_pair(return_sequences=True)
    pair = [keras.layers.Bidirectional(layer) for layer in (ours, theirs)]
    for wrapper in pair:
        wrapper.build((BATCH, TIME, INPUT_DIM))
    pair[0].set_weights(pair[1].get_weights())
    mask = MASKS["right padding"]
    assert_same(*(wrapper(make_sequences(), mask=mask) for wrapper in pair))


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_zero_output_for_mask_equals_simple_rnn(mask, return_sequences, go_backwards):
    ours, theirs = make_pair(
        return_sequences=return_sequences,
        return_state=True,
        go_backwards=go_backwards,
        zero_output_for_mask=True,
    )
    arguments = {"mask": MASKS[mask], "initial_state": make_sequences(2)[:, 0, :UNITS]}
    assert_same(
        ours(make_sequences(), **arguments), theirs(make_sequences(), **arguments)
    )


def test_padding_changes_no_state():
    layer = Elman(UNITS)
    sequences = make_sequences()
    padded = np.concatenate([sequences, make_sequences(5)], axis=1)
    mask = np.arange(2 * TIME)[None] < np.full((BATCH, 1), TIME)
    assert_same(layer(padded, mask=mask), layer(sequences))


def test_a_row_alone_equals_its_row_in_a_batch():
    layer = Elman(UNITS)
    sequences = make_sequences()
    assert_same(layer(sequences[1:]), layer(sequences)[1:])


def test_unknown_batch_and_time():
    inputs = keras.Input((None, INPUT_DIM))
    layer = Elman(UNITS, return_sequences=True)
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, UNITS)
    assert_same(model(make_sequences()), layer(make_sequences()))


def test_trains_in_fit():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((TIME, INPUT_DIM))
    model = keras.Model(inputs, keras.layers.Dense(1)(Elman(UNITS)(inputs)))
    model.compile(keras.optimizers.Adam(0.05), "mse")
    targets = make_sequences()[:, :1, 0]
    history = model.fit(make_sequences(), targets, epochs=60, verbose=0)
    assert history.history["loss"][-1] < 0.1 * history.history["loss"][0]


def test_arguments_are_those_of_simple_rnn():
    def arguments(function):
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.default) for p in parameters]

    theirs = arguments(keras.layers.SimpleRNN)
    assert arguments(Elman) == [*theirs[:-1], ("fused", True), theirs[-1]]


NON_DEFAULT = {
    "units": UNITS,
    "activation": "relu",
    "use_bias": False,
    "kernel_initializer": "he_normal",
    "recurrent_initializer": "identity",
    "bias_initializer": "ones",
    "kernel_regularizer": "l1",
    "recurrent_regularizer": "l2",
    "bias_regularizer": "l1l2",
    "activity_regularizer": "l2",
    "kernel_constraint": "max_norm",
    "recurrent_constraint": "unit_norm",
    "bias_constraint": "non_neg",
    "dropout": 0.25,
    "recurrent_dropout": 0.125,
    "return_sequences": True,
    "return_state": True,
    "go_backwards": True,
    "stateful": True,
    "unroll": True,
    "seed": 11,
    "fused": False,
}


@pytest.mark.parametrize("layer_class", [Elman, ElmanCell])
def test_every_argument_survives_get_config(layer_class):
    parameters = list(inspect.signature(layer_class).parameters)[:-1]
    arguments = {name: NON_DEFAULT[name] for name in parameters}
    layer = layer_class(**arguments, name="named", dtype="mixed_float16")
    config = layer_class.from_config(layer.get_config()).get_config()
    default = layer_class(UNITS + 1).get_config()
    for name in parameters:
        assert config[name] == layer.get_config()[name]
        assert config[name] != default[name], name
    assert config["name"] == "named"
    assert config["dtype"]["config"]["name"] == "mixed_float16"


def test_every_argument_is_documented():
    for layer_class in (Elman, ElmanCell):
        for name in list(inspect.signature(layer_class).parameters)[:-1]:
            assert f"\n        {name}: " in layer_class.__doc__, name


def test_cell_arguments_are_readable_on_the_layer():
    layer = Elman(UNITS, dropout=0.5, seed=3)
    assert (layer.units, layer.dropout, layer.seed) == (UNITS, 0.5, 3)
    assert layer.activation is keras.activations.tanh


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Elman(0), "positive integer. Received: units=0"),
        (lambda: Elman(2, dropout=1.5), "from 0 to 1. Received: dropout=1.5"),
        (lambda: Elman(2)(np.zeros((4, 5))), "expected ndim=3, found ndim=2"),
        (
            lambda: Elman(2)(make_sequences(), initial_state=np.zeros((BATCH, 7))),
            r"shape \(batch, 2\). Received: shape \(2, 7\)",
        ),
        (
            lambda: Elman(2)(make_sequences(), mask=np.ones((BATCH, TIME + 2), bool)),
            r"here \(2, 4\). Received: shape \(2, 6\)",
        ),
        (
            lambda: Elman(2)(make_sequences(), initial_state=np.zeros((9, 2))),
            r"shape \(2, 2\), one row for each sequence. Received: shape \(9, 2\)",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.slow
def test_keras_file_loads_in_a_fresh_process(tmp_path):
    inputs = keras.Input((None, INPUT_DIM))
    wrapped = keras.layers.RNN(ElmanCell(UNITS), return_sequences=True)(inputs)
    model = keras.Model(inputs, keras.layers.Bidirectional(Elman(UNITS))(wrapped))
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "inputs.npy", make_sequences())
    np.save(tmp_path / "outputs.npy", to_numpy(model(make_sequences())))
    script = """
import sys, keras, numpy as np, rnnzoo.layers
model = keras.saving.load_model(sys.argv[1] + "/model.keras")
outputs = keras.ops.convert_to_numpy(model(np.load(sys.argv[1] + "/inputs.npy")))
np.testing.assert_allclose(outputs, np.load(sys.argv[1] + "/outputs.npy"), atol=1e-6)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)


@pytest.mark.parametrize("return_sequences", [False, True])
def test_one_step_with_w_held_fixed_equals_simple_rnn(return_sequences):
    """From the zero state W meets nothing: the short cut gives the same numbers."""
    ours, theirs = make_pair(
        return_sequences=return_sequences, return_state=True, dropout=0.4, seed=1
    )
    step = make_sequences()[:, :1]
    expected = theirs(step)
    free = ours(step)
    ours.cell.recurrent_kernel.trainable = False
    for received in (free, ours(step)):
        for left, right in zip(received, expected, strict=True):
            np.testing.assert_allclose(to_numpy(left), to_numpy(right), atol=1e-6)
    dropped = to_numpy(ours(step, training=True)[1])
    assert np.abs(dropped - to_numpy(free[1])).max() > 1e-3
    # A state that is given still meets W.
    state = np.ones((BATCH, UNITS), "float32")
    for left, right in zip(
        ours(step, initial_state=state), theirs(step, initial_state=state), strict=True
    ):
        np.testing.assert_allclose(to_numpy(left), to_numpy(right), atol=1e-6)
