"""Other recurrent cells in the decoders: both ways of decoding agree on each."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.tiny_captioner import CAPTIONS, IMAGES, make_captioner
from tests.tiny_translator import PAIRS, make_translator
from training.core.cells import with_cell
from zoo_models.core.attending_decoder import has_two_states

SENTENCES = [*PAIRS]


def remake(model, cell):
    """The tiny model with another cell."""
    other_class = with_cell(type(model), cell)
    return other_class(**model.get_config(), preprocessor=model.preprocessor)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_steps_of_a_translator_give_what_its_network_gives(cell):
    keras.utils.set_random_seed(3)
    model = remake(make_translator(), cell)
    decoder = model.attending_decoder
    assert {has_two_states(layer) for layer in decoder.layers} == {cell == "lstm"}
    data = model.to_dataset((SENTENCES, [*PAIRS.values()]), 4)
    inputs, _, weights = next(iter(data))
    at_once = ops.convert_to_numpy(model.network()(inputs))
    read = model.read(ops.convert_to_tensor(inputs["source_ids"].numpy()))
    fixed, states = decoder.start(*read)
    for t, ids in enumerate(inputs["target_ids"].numpy().T):
        scores, states = decoder.step(fixed, ops.convert_to_tensor(ids), states)
        rows = weights.numpy()[:, t] > 0
        np.testing.assert_allclose(
            ops.convert_to_numpy(scores)[rows], at_once[rows, t], atol=1e-4
        )
    assert len(model.generate(SENTENCES, max_length=4, verbose=0)) == len(SENTENCES)


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
