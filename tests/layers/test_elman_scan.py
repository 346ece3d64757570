"""The fused recurrence against the step-by-step path, on the current backend."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from rnnzoo.layers.elman_scan import elman_scan
from tests.backends import gradients

BACKEND = keras.backend.backend()
ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")
tensorflow_only = pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow")
RNG = np.random.default_rng(7)


def arrays(batch=2, time=4, inputs=5, units=3, dtype="float32", rng=RNG):
    """Inputs, kernel, recurrent_kernel, bias, initial_state."""
    shapes = (batch, time, inputs), (inputs, units), (units, units), (units,)
    scales = 1.0, 0.5, 0.9 / units**0.5, 1.0, 1.0
    shapes = *shapes, (batch, units)
    return [
        (rng.normal(size=shape) * scale).astype(dtype)
        for shape, scale in zip(shapes, scales, strict=True)
    ]


def stepwise(inputs, kernel, recurrent, bias, state, mask, activation, go_backwards):
    """The generic path: Keras's own loop, through a cell with these weights."""
    act = keras.activations.get(activation)

    class Cell(keras.layers.Layer):
        state_size = output_size = kernel.shape[1]

        def call(self, x, states):
            new = ops.matmul(x, kernel) + ops.matmul(states[0], recurrent)
            new = act(new if bias is None else new + bias)
            return new, [new]

    layer = keras.layers.RNN(
        Cell(dtype=inputs.dtype.name if BACKEND != "torch" else None),
        return_sequences=True,
        go_backwards=go_backwards,
    )
    _, outputs, states = layer.inner_loop(inputs, [state], mask)
    return outputs, states[0]


def fused(*arguments, training=False):
    return elman_scan(*arguments, training=training)


def results(path, tensors, mask, activation, go_backwards, weights, graph=""):
    """Outputs, last state and every gradient of a weighted sum of them."""
    names = ["outputs", "last", "inputs", "kernel", "recurrent", "bias", "initial"]
    mask = None if mask is None else ops.convert_to_tensor(mask)
    weights = [ops.convert_to_tensor(x) for x in weights]

    def total(*t):
        outputs, last = path(*t, mask, activation, go_backwards)
        loss = ops.sum(outputs * weights[0]) + ops.sum(last * weights[1])
        return loss, (outputs, last)

    def compiled(run):
        if BACKEND == "jax":
            import jax

            return jax.jit(run)
        import tensorflow as tf

        signature = None
        if "unknown" in graph:
            signature = [tf.TensorSpec(x.shape, x.dtype) for x in tensors]
            signature[0] = tf.TensorSpec([None, None, tensors[0].shape[2]])
            signature[4] = tf.TensorSpec([None, tensors[4].shape[1]])
        jit = "jit" in graph or None
        return tf.function(run, signature, autograph=False, jit_compile=jit)

    wrap = compiled if graph else (lambda run: run)
    grads, values = gradients(total, tensors, wrap)
    return dict(zip(names, [*values, *grads], strict=True))


def assert_close(got, want, tolerance):
    """max|Δ| / max|reference| of each result; gradients that vanish stay tiny."""
    for name, reference in want.items():
        assert got[name].shape == reference.shape, name
        if reference.size:
            scale = max(np.abs(reference).max(), 1e-3)
            error = np.abs(got[name] - reference).max() / scale
            assert error <= tolerance, (name, error)


def compare(tensors, mask, activation, go_backwards, path=fused, graph=""):
    batch, time = tensors[0].shape[:2]
    units = tensors[1].shape[1]
    rng = np.random.default_rng(1)
    dtype = tensors[0].dtype
    weights = (
        rng.normal(size=(batch, time, units)).astype(dtype),
        rng.normal(size=(batch, units)).astype(dtype),
    )
    arguments = tensors, mask, activation, go_backwards, weights
    want = results(stepwise, *arguments, graph="plain" if BACKEND == "jax" else "")
    assert_close(results(path, *arguments, graph=graph), want, 1e-5)


def holes(batch, time, rng=RNG):
    """A mask with holes; row 0 is masked throughout, row 1 from its first step."""
    mask = rng.random((batch, time)) > 0.4
    mask[0] = False
    mask[1:2, 0] = False
    return mask


def directions():
    """Each activation, direction and kind of mask; what differs for all of them is
    tried with tanh alone."""
    for activation in ACTIVATIONS:
        for go_backwards, masked in itertools.product([False, True], repeat=2):
            slow = activation != "tanh" and not (go_backwards and masked)
            marks = [pytest.mark.slow] if slow else []
            yield pytest.param(activation, go_backwards, masked, marks=marks)


@pytest.mark.parametrize(("activation", "go_backwards", "masked"), [*directions()])
def test_same_numbers_as_the_step_by_step_path(activation, go_backwards, masked):
    mask = holes(3, 9) if masked else None
    compare(arrays(batch=3, time=9), mask, activation, go_backwards)


def graphs():
    """Each way to compile, masked or not, in training or not."""
    # 17 rows are read in two halves, as a batch of unknown size always is.
    for graph, batch in [
        ("static", 3),
        ("static", 17),
        ("unknown", 3),
        ("jit", 17),
        ("unknown jit", 3),
    ]:
        for masked, training in itertools.product([False, True], repeat=2):
            # A case takes up to ten seconds with XLA.
            slow = masked != training or ("jit" in graph and batch == 17)
            marks = [pytest.mark.slow] if slow else []
            yield pytest.param(graph, batch, masked, training, marks=marks)


@tensorflow_only
@pytest.mark.parametrize(("graph", "batch", "masked", "training"), [*graphs()])
def test_same_numbers_in_a_graph(graph, batch, masked, training):
    def path(*arguments):
        return fused(*arguments, training=training)

    mask = holes(batch, 17) if masked else None
    compare(arrays(batch=batch, time=17), mask, "tanh", False, path, graph)


@pytest.mark.skipif(BACKEND != "jax", reason="JAX")
@pytest.mark.parametrize("masked", [False, True])
def test_same_numbers_under_jit(masked):
    mask = holes(3, 17) if masked else None
    compare(arrays(batch=3, time=17), mask, "tanh", True, graph="jit")


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    batch=st.integers(1, 5),
    time=st.integers(1, 300),
    inputs=st.integers(1, 6),
    units=st.integers(1, 7),
    masked=st.booleans(),
    go_backwards=st.booleans(),
    activation=st.sampled_from(ACTIVATIONS),
    seed=st.integers(0, 99),
)
def test_same_numbers_over_random_shapes(
    batch, time, inputs, units, masked, go_backwards, activation, seed
):
    rng = np.random.default_rng(seed)
    mask = rng.random((batch, time)) > 0.3 if masked else None
    tensors = arrays(batch, time, inputs, units, rng=rng)
    compare(tensors, mask, activation, go_backwards)


def test_without_a_bias():
    inputs, kernel, recurrent, _, state = arrays()
    got, _ = elman_scan(inputs, kernel, recurrent, None, state)
    want, _ = elman_scan(inputs, kernel, recurrent, np.zeros(3, "float32"), state)
    assert np.allclose(ops.convert_to_numpy(got), ops.convert_to_numpy(want), atol=1e-7)


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_against_finite_differences(masked):
    """Float64 on NumPy's own recurrence; central differences, 1e-6 relative."""
    if BACKEND == "jax":
        pytest.skip("JAX computes in float32 unless told otherwise at start")
    tensors = arrays(dtype="float64")
    mask = holes(2, 4) if masked else None
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 3))

    def loss(x, kernel, recurrent, bias, state):
        total, output = 0.0, np.zeros_like(state)
        for t in range(x.shape[1]):
            new = np.tanh(x[:, t] @ kernel + state @ recurrent + bias)
            keep = np.ones((2, 1), bool) if mask is None else mask[:, t, None]
            state, output = np.where(keep, new, state), np.where(keep, new, output)
            total += (output * weights[0][:, t]).sum()
        return total + (state * weights[1]).sum()

    got = results(fused, tensors, mask, "tanh", False, weights)
    step = 1e-6
    for i, name in enumerate(["inputs", "kernel", "recurrent", "bias", "initial"]):
        want = np.zeros_like(tensors[i])
        for index in np.ndindex(want.shape):
            ends = []
            for sign in (1, -1):
                moved = [x.copy() for x in tensors]
                moved[i][index] += sign * step
                ends.append(loss(*moved))
            want[index] = (ends[0] - ends[1]) / (2 * step)
        assert np.abs(got[name] - want).max() <= 1e-6 * np.abs(want).max() + 1e-8, name


@pytest.mark.parametrize("masked", [False, True])
def test_no_steps_give_no_outputs_and_the_initial_state(masked):
    tensors = arrays(time=0)
    mask = np.zeros((2, 0), bool) if masked else None
    weights = np.zeros((2, 0, 3), "float32"), np.ones((2, 3), "float32")
    graph = "jit" if BACKEND == "jax" else ""
    got = results(fused, tensors, mask, "tanh", False, weights, graph)
    assert got["outputs"].shape == (2, 0, 3)
    assert np.array_equal(got["last"], tensors[4])
    assert np.array_equal(got["initial"], weights[1])
    assert not got["recurrent"].any()


@tensorflow_only
@pytest.mark.parametrize("training", [False, True])
def test_no_steps_in_a_graph_that_does_not_know(training):
    tensors = arrays(time=0)
    weights = np.zeros((2, 0, 3), "float32"), np.ones((2, 3), "float32")

    def path(*arguments):
        return fused(*arguments, training=training)

    got = results(path, tensors, None, "tanh", False, weights, "unknown")
    assert got["outputs"].shape == (2, 0, 3)
    assert np.array_equal(got["last"], tensors[4])
    assert np.array_equal(got["initial"], weights[1])


def test_a_batch_of_one_equals_its_row():
    inputs, kernel, recurrent, bias, state = arrays(batch=4)
    many, _ = elman_scan(inputs, kernel, recurrent, bias, state)
    one, _ = elman_scan(inputs[2:3], kernel, recurrent, bias, state[2:3])
    many, one = ops.convert_to_numpy(many), ops.convert_to_numpy(one)
    assert np.abs(many[2] - one[0]).max() <= 1e-6


def test_refuses_another_activation():
    with pytest.raises(ValueError, match="gelu"):
        elman_scan(*arrays(), activation="gelu")
