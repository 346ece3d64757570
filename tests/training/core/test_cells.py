"""Other recurrent cells in what writes: both ways of decoding agree on each."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.tiny_captioner import CAPTIONS, IMAGES, make_captioner
from tests.tiny_language_model import make_language_model
from tests.tiny_translator import PAIRS, make_translator
from training.core.cells import with_cell
from zoo_models.core.attention_decoder import has_two_states

SENTENCES = [*PAIRS]


def remake(model, cell):
    """The tiny model with another cell."""
    other_class = with_cell(type(model), cell)
    return other_class(**model.get_config(), preprocessor=model.preprocessor)


@pytest.mark.parametrize(
    "cell", ["elman", "gru", pytest.param("lstm", marks=pytest.mark.slow)]
)
def test_steps_of_a_translator_give_what_its_network_gives(cell):
    keras.utils.set_random_seed(3)
    model = remake(make_translator(), cell)
    decoder = model.attention_decoder
    assert {has_two_states(layer) for layer in decoder.layers} == {cell == "lstm"}
    data = model.to_dataset((SENTENCES, [*PAIRS.values()]), 4)
    inputs, _, weights = next(iter(data))
    at_once = ops.convert_to_numpy(model.network()(inputs))
    read = model.encode_inputs(ops.convert_to_tensor(inputs["source_ids"].numpy()))
    fixed, states = decoder.start(*read)
    for t, ids in enumerate(inputs["target_ids"].numpy().T):
        scores, states = decoder.step(ops.convert_to_tensor(ids), states, fixed)
        rows = weights.numpy()[:, t] > 0
        np.testing.assert_allclose(
            ops.convert_to_numpy(scores)[rows], at_once[rows, t], atol=1e-4
        )
    assert len(model.generate(SENTENCES, max_length=4, verbose=0)) == len(SENTENCES)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_captioner_of_gated_cells_learns_and_writes(cell):
    keras.utils.set_random_seed(3)
    model = remake(make_captioner(), cell)
    model.compile(keras.optimizers.Adam(0.01))
    before, _ = model.evaluate(IMAGES, CAPTIONS, verbose=0)
    model.fit(IMAGES, CAPTIONS, epochs=8, verbose=0)
    after, _ = model.evaluate(IMAGES, CAPTIONS, verbose=0)
    assert after < 0.95 * before
    assert len(model.generate(IMAGES, max_length=3, verbose=0)) == len(IMAGES)


@pytest.mark.parametrize("cell", ["gru", pytest.param("lstm", marks=pytest.mark.slow)])
def test_a_language_model_of_gated_cells_is_scored_and_writes(cell):
    keras.utils.set_random_seed(3)
    model = remake(make_language_model(), cell)
    network = model.network()
    network.set_weights([3 * weights for weights in network.get_weights()])
    model.compile(sampler="greedy")
    ids = np.array([[3, 5, 6, 7, 9, 3]], "int32")  # "the film is good"
    scores = ops.convert_to_numpy(network([ids[:, :-1]]))[0]
    logs = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    expected = logs[np.arange(5), ids[0, 1:]].mean()
    answers = model.score(["the film is good", "a"], verbose=0)
    assert answers[0]["score"] == pytest.approx(expected, abs=1e-5)
    states = model.encode("the film is good", return_states=True)
    assert states.shape == (5, 5)
    for text in ("the film", ""):
        assert "".join(model.stream(text)) == model.generate(text)
