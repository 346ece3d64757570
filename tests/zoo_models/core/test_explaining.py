"""Every model of the table explains its answers and tells how far it remembers."""

import json

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.analysis import read_states
from tests.conftest import make_classifier
from tests.tiny_zoo import TINY
from zoo_models.core.explaining import cut, measure_memory

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="gradients need TensorFlow"
)


@pytest.fixture(params=TINY)
def example(request):
    make, inputs = TINY[request.param]
    return make(), inputs


def test_an_answer_is_explained_drawn_and_recorded(example, tmp_path):
    model, inputs = example
    explanation = rnnzoo.explain(model, inputs[0])
    assert explanation.parts
    assert explanation.title == model.name  # it is no preset
    explanation.plot(tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").stat().st_size > 1000
    known = json.loads(json.dumps(explanation.record(), allow_nan=False))
    assert len(known["parts"]) == len(explanation.parts)


def test_states_are_read_from_raw_inputs(example):
    model, inputs = example
    rows = read_states(model, inputs)
    assert len(rows) == len(inputs)
    for states in rows[0]:
        assert len(states) == len(states.tokens) >= 1
        assert np.isfinite(states.values).all()


@pytest.mark.parametrize(
    "name",
    ["ImageClassifier", "SentimentClassifier"]
    + [
        pytest.param(name, marks=pytest.mark.slow)
        for name in ("ImageCaptioner", "LanguageModel", "Translator")
    ],
)
def test_memory_is_measured(name):
    make, inputs = TINY[name]
    model = make()
    memory = measure_memory(model, [*inputs] * 2)
    if isinstance(model, rnnzoo.ImageClassifier):
        assert memory["output"] is None  # its image is read in one step
    json.dumps(memory, allow_nan=False)
    for layer in memory["layers"]:
        assert 0 <= layer["horizon"] < layer["steps"]
    if memory["output"] is not None:
        assert memory["output"]["step"]


def test_the_label_is_the_one_that_classify_gives():
    model = make_classifier()
    explanation = rnnzoo.explain(model, "a good film")
    evidence = explanation.parts[0]
    answer = model.classify("a good film")
    assert explanation.answer == f"{answer['label']}, probability {answer['score']:.3f}"
    assert evidence.tokens == ("a", "good", "film", "[END]")
    # Read to its end, the course has come to the score.
    assert evidence.course[-1] == pytest.approx(evidence.score, abs=1e-5)
    residue = evidence.score - evidence.baseline - evidence.attributions.sum()
    assert abs(residue) < 1e-3 + 0.01 * abs(evidence.score)


def test_without_a_preprocessor_it_says_what_to_do():
    model = make_classifier()
    model.preprocessor = None
    with pytest.raises(ValueError, match="without its preprocessor"):
        rnnzoo.explain(model, "a film")


def test_an_empty_text_has_its_end():
    explanation = rnnzoo.explain(make_classifier(), "")
    assert explanation.parts[0].tokens == ("[END]",)


def test_rows_are_cut_to_what_half_of_them_have():
    assert cut([[1], [1, 2, 3], [1, 2, 3, 4]]) == ([1, 2], 3)
    with pytest.raises(ValueError, match="2 inputs or more. Received: 1"):
        cut([[1, 2]])
