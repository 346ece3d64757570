"""Steps with what stays the same multiplied beforehand are the decoder's own steps."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.conftest import seed
from tests.tiny_captioner import CLASS_WORDS, make_captioner
from tests.tiny_translator import make_translator
from training.core.cells import with_cell
from zoo_models.core.attention_decoder import FoldedStep

BEAMS = 3


@pytest.fixture(autouse=True)
def seeds():
    seed(4)


def captioner(**arguments):
    model = make_captioner(**arguments)
    return model, np.random.default_rng(2).uniform(size=(2, *model.inputs[0].shape[1:]))


def translator():
    return make_translator(), np.array([[4, 5, 6, 7, 3], [8, 9, 3, 0, 0]], "int32")


def give_weights(model):
    """Biases and scales away from zero and one."""
    generator = np.random.default_rng(1)
    for weight in model.trainable_variables:
        noise = generator.normal(0, 0.3, weight.shape)
        weight.assign(ops.convert_to_numpy(weight) + noise.astype("float32"))


every_decoder = pytest.mark.parametrize(
    "make",
    [translator, captioner, lambda: captioner(class_words=CLASS_WORDS, num_words=2)],
)


@every_decoder
def test_steps_have_the_scores_of_the_network(make):
    model, inputs = make()
    give_weights(model)
    token_ids = np.array([[2, 4, 5, 6], [2, 6, 5, 4]], "int32")
    whole = token_ids[:, None] if model.input_kind == "image" else token_ids
    names = [tensor.name for tensor in model.inputs]
    at_once = model.network()(dict(zip(names, (inputs, whole), strict=True)))
    at_once = ops.convert_to_numpy(at_once).reshape(2, 4, -1)
    encoded = model.encode_inputs(ops.convert_to_tensor(inputs, model.inputs[0].dtype))
    fixed, states = model.attention_decoder.start(*encoded)
    for t, ids in enumerate(token_ids.T):
        ids = ops.convert_to_tensor(ids)
        scores, states = model.attention_decoder.step(ids, states, fixed)
        scores = ops.convert_to_numpy(scores)
        np.testing.assert_allclose(scores, at_once[:, t], atol=1e-4)


@every_decoder
def test_scores_and_states_are_those_of_the_decoder(make):
    model, inputs = make()
    give_weights(model)
    decoder = model.attention_decoder
    seen = model.encode_inputs(ops.convert_to_tensor(inputs, model.inputs[0].dtype))
    fixed, states = decoder.start(*seen)
    step, folded_states, folded_fixed = decoder.start_search(*seen)
    assert isinstance(step, FoldedStep)
    states = [ops.repeat(state, BEAMS, axis=0) for state in states]
    folded_states = [ops.repeat(state, BEAMS, axis=0) for state in folded_states]
    for token_ids in ([2] * 6, [4, 5, 6, 3, 4, 1], [0, 6, 5, 4, 5, 6]):
        token_ids = ops.convert_to_tensor(np.array(token_ids, "int32"))
        scores, states = decoder.step(token_ids, states, fixed)
        folded, folded_states = step(token_ids, folded_states, folded_fixed)
        for one, other in zip([scores, *states], [folded, *folded_states], strict=True):
            np.testing.assert_allclose(
                ops.convert_to_numpy(one), ops.convert_to_numpy(other), atol=2e-5
            )


def test_other_cells_take_the_step_as_it_is():
    from rnnzoo import Translator

    kind = with_cell(Translator, "lstm")
    model = kind(9, 8, embedding_dim=4, encoder_units=3, units=5)
    step, _, _ = model.attention_decoder.start_search(
        *model.encode_inputs(ops.ones((2, 4), "int32"))
    )
    assert not isinstance(step, FoldedStep)
    token_ids, _, _ = model.search(ops.ones((2, 4), "int32"), 6, 2)
    assert ops.shape(token_ids) == (2, 2, 6)


def test_half_precision_takes_the_step_as_it_is():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make_translator()
    finally:
        keras.config.set_dtype_policy("float32")
    assert not FoldedStep.suits(model.attention_decoder)
    assert isinstance(model.generate("A dog runs.", max_length=5), str)
