import keras
import numpy as np
import pytest

from rnnzoo.layers import StatePooling

STATES = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
MASK = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], bool)


def pool(states, **kwargs):
    return keras.ops.convert_to_numpy(StatePooling()(states, **kwargs))


def test_maximum_and_mean_over_the_steps_that_count():
    pooled = pool(STATES, mask=MASK)
    for row, states, mask in zip(pooled, STATES, MASK, strict=True):
        counted = states[mask]
        expected = np.concatenate([counted.max(axis=0), counted.mean(axis=0)])
        np.testing.assert_allclose(row, expected, atol=1e-6)


def test_without_a_mask_every_step_counts():
    np.testing.assert_allclose(
        pool(STATES), pool(STATES, mask=np.ones((2, 4), bool)), atol=1e-6
    )


def test_half_precision_counts_far():
    ones = np.ones((1, 5000, 1), "float16")
    pooled = StatePooling(dtype="float16")(ones, mask=np.ones((1, 5000), bool))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(pooled), [[1, 1]])


def test_shape_and_rank():
    inputs = keras.Input((None, 3))
    assert StatePooling()(inputs).shape == (None, 6)
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        StatePooling()(STATES[0])
