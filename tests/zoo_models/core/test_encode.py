"""Every model gives features, and names what its states belong to."""

import numpy as np
import pytest

from tests.conftest import seed
from tests.tiny_zoo import TINY
from zoo_models.models import MODELS

every_model = pytest.mark.parametrize("info", MODELS, ids=lambda i: i.folder)


def make(info, **arguments):
    seed(4)
    maker, inputs = TINY[info.class_name]
    return maker(**arguments), inputs


@every_model
def test_features_of_one_and_of_many(info):
    model, inputs = make(info)
    rows = model.encode(inputs, verbose=0)
    assert len(rows) == len(inputs)
    (size,) = {row.shape for row in rows}
    assert len(size) == 1
    np.testing.assert_allclose(model.encode(inputs[0]), rows[0], atol=1e-5)
    states = model.encode(inputs, return_states=True, batch_size=1)
    assert all(x.ndim == 2 for x in states)
    assert any(np.abs(rows[0] - row).max() > 1e-6 for row in rows[1:])


@every_model
def test_states_have_names_where_there_are_tokens(info):
    model, inputs = make(info)
    if model.input_kind == "image":
        with pytest.raises((TypeError, ValueError), match="return_tokens"):
            model.encode(inputs, return_tokens=True)
        return
    states = model.encode(inputs, return_states=True)
    for named, rows in zip(
        model.encode(inputs, return_tokens=True), states, strict=True
    ):
        np.testing.assert_array_equal(named["states"], rows)
        assert len(named["tokens"]) == len(rows)
        place = 0 if info.folder == "language_model" else -1  # where texts meet
        assert named["tokens"][place] == "[END]"
    first = model.encode(inputs[0], return_tokens=True)["tokens"]
    expected = {
        "language_model": ["[END]", "a", "good", "film", "."],
        "sentiment_classifier": ["a", "good", "film", "[END]"],
        "translator": ["▁a", "▁dog", "▁runs", ".", "[END]"],
    }
    assert first == expected[info.folder]
    bare = type(model)(**model.get_config(), preprocessor=None)
    with pytest.raises(ValueError, match="with its preprocessor.*Received"):
        bare.encode(np.zeros((1, 3), "int32"), return_tokens=True)


def test_a_translator_remembers_each_piece_whatever_is_beside_it():
    info = next(i for i in MODELS if i.folder == "translator")
    model, _ = make(info)
    alone = model.encode("the dog.", return_states=True)
    (beside, _) = model.encode(["the dog.", "the red dog runs."], return_states=True)
    assert alone.shape == (4, 6)  # three pieces and the end; both directions
    np.testing.assert_allclose(alone, beside, atol=1e-5)
    np.testing.assert_allclose(model.encode("the dog."), alone.mean(axis=0), atol=1e-5)
