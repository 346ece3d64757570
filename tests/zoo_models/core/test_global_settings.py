"""Keras's global settings change no answer of a saved model."""

import keras
import numpy as np
import pytest

from rnnzoo import ZooModel
from tests.tiny_zoo import TINY, ask, make_lively


@pytest.fixture
def keep_settings():
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    image_data_format = keras.config.image_data_format()
    yield
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)
    keras.config.set_image_data_format(image_data_format)


@pytest.mark.parametrize(
    ("floatx", "policy", "image_data_format"),
    [
        ("float64", "float64", "channels_first"),
        pytest.param("float16", "bfloat16", "channels_first", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("name", TINY)
def test_answers_do_not_depend_on_them(
    name, floatx, policy, image_data_format, tmp_path, keep_settings
):
    model, (_, inputs) = make_lively(name), TINY[name]
    if model.verb == "generate":
        model.compile(sampler="beam")
    model.save_to_preset(tmp_path / "mine")
    expected, states = ask(model, inputs), model.encode(inputs)
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)
    keras.config.set_image_data_format(image_data_format)
    again = ZooModel.from_preset(tmp_path / "mine")
    if model.verb == "generate":
        again.compile(sampler="beam")
    answers = ask(again, inputs)
    found = np.asarray(again.encode(inputs), "float32")
    if policy == "bfloat16":  # these parameters are too large for 8 bits
        assert all(np.isfinite(answer["score"]) for answer in answers)
        return
    for one, other in zip(answers, expected, strict=True):
        for key in ("score", "confidence"):
            assert one.pop(key) == pytest.approx(other.pop(key), abs=1e-3)
        assert one == other
    np.testing.assert_allclose(found, states, atol=1e-4)
