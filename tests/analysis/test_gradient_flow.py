"""The callback: norms in the logs, and warnings that name the remedies."""

import keras
import numpy as np
import pytest

from rnnzoo.analysis import GradientFlow
from rnnzoo.analysis.gradient_flow import find_trouble, measure_flow
from rnnzoo.layers import Elman

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="gradients need TensorFlow"
)
X = np.random.default_rng(0).normal(size=(4, 20, 2)).astype("float32")
Y = np.ones((4, 1), "float32")


def make_model(gain):
    """A linear layer that scales its state by `gain`; its last state is read."""
    layer = Elman(
        3,
        "linear",
        recurrent_initializer=keras.initializers.Identity(gain),
        name="states",
    )
    model = keras.Sequential([keras.Input((None, 2)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse", jit_compile=False)
    return model


def test_norms_fall_as_the_layer_forgets():
    model = make_model(0.5)
    flow = measure_flow(model, X, lambda out: keras.ops.mean(keras.ops.square(out - 1)))
    # Means over two steps of twenty: from the end 0 and 1, 18 and 19.
    ratio = flow["flow_states_first"] / flow["flow_states_last"]
    assert ratio == pytest.approx(0.5**18, rel=1e-3)


def test_history_has_the_norms_of_each_epoch():
    model = make_model(1.0)
    history = model.fit(X, Y, epochs=2, callbacks=[GradientFlow(X, Y)], verbose=0)
    norms = history.history
    assert len(norms["flow_states_first"]) == 2
    # The identity hands the gradient on as it is.
    assert norms["flow_states_first"][0] == pytest.approx(norms["flow_states_last"][0])


def test_the_progress_line_has_them_while_an_epoch_goes_on(capsys):
    make_model(1.0).fit(X, Y, 2, callbacks=[GradientFlow(X, Y, every=1)], verbose=1)
    assert "flow_states_first" in capsys.readouterr().out


@pytest.mark.parametrize(("gain", "what"), [(0.3, "vanishes"), (3.0, "explodes")])
def test_trouble_is_warned_of_once_with_the_remedies(gain, what):
    with pytest.warns(UserWarning, match=f"states {what}.*orthogonal") as caught:
        make_model(gain).fit(X, Y, epochs=2, callbacks=[GradientFlow(X, Y)], verbose=0)
    flow = [w for w in caught if what in str(w.message)]
    assert len(flow) == 1


def test_what_is_not_finite_explodes():
    trouble = find_trouble({"flow_a_first": float("nan"), "flow_a_last": 1.0})
    assert "not finite" in trouble["a"]
    assert find_trouble({"flow_a_first": 0.1, "flow_a_last": 1.0}) == {}


def test_padding_is_passed_over_row_by_row():
    inputs = keras.Input((None, 2))
    mask = keras.ops.any(keras.ops.not_equal(inputs, 0), axis=-1)
    layer = Elman(
        3, "linear", recurrent_initializer=keras.initializers.Identity(0.5), name="s"
    )
    model = keras.Model(inputs, layer(inputs, mask=mask))
    short = X[:, :10]
    padded = np.concatenate([short, np.zeros_like(short)], axis=1)

    def loss(out):
        return keras.ops.sum(out)

    alone, together = (measure_flow(model, x, loss) for x in (short, padded))
    assert together == pytest.approx(alone, rel=1e-5)
