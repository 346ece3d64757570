"""LiteRT models: the same answers from built-in operations alone."""

import contextlib
import io
import json

import keras
import numpy as np
import pytest

from rnnzoo import ImageClassifier, SentimentClassifier, ZooModel
from rnnzoo.export import export_litert, load_litert
from rnnzoo.export.litert import PlainLoopElman
from rnnzoo.layers import Elman
from rnnzoo.text import Vocabulary
from tests.tiny_translator import make_translator

TEXTS = ["a fine film, not good", "", "dull " * 30]


def as_network_input(model, raw):
    if model.preprocessor.prepares_singly:
        return model.preprocessor.check(raw, "raw")[None]
    return model.preprocessor([raw]).numpy()


def assert_answers_are_the_networks(model, folder, raw):
    run = load_litert((folder / "model.tflite").read_bytes())
    content = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
    ((name, spec),) = content["signatures"]["serving_default"]["inputs"].items()
    for one in raw:
        batch = as_network_input(model, one)
        assert all(
            size in (None, received)
            for size, received in zip(spec["shape"], batch.shape, strict=True)
        )
        (received,) = run(**{name: batch})["probabilities"]
        answers = model.classify(one, top=len(model.labels))
        expected = {answer["label"]: answer["score"] for answer in answers}
        scores = dict(zip(content["labels"], received, strict=True))
        assert scores == pytest.approx(expected, abs=1e-5)


def test_texts_of_any_length(classifier, tmp_path):
    import tensorflow as tf

    folder = classifier.export(tmp_path, name="mine", format="litert")
    assert folder == tmp_path / "mine" / "1"
    assert_answers_are_the_networks(classifier, folder, TEXTS)
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        tf.lite.experimental.Analyzer.analyze(str(folder / "model.tflite"))
    assert "WHILE" in shown.getvalue()
    assert "Flex" not in shown.getvalue()
    vocabulary = Vocabulary.load(folder / "vocabulary.txt")
    assert vocabulary.tokens == classifier.preprocessor.vocabulary.tokens
    content = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
    assert content["format"] == "litert"
    assert content["preprocessor"] == {"max_length": 9}


@pytest.mark.parametrize("read", ["whole", "rows"])
def test_images(tmp_path, read):
    model = ImageClassifier((6, 5, 1), 3, units=[4, 2], read=read)
    folder = model.export(tmp_path, format="litert")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 6, 5), "uint8")
    assert_answers_are_the_networks(model, folder, images)


@pytest.mark.slow
@pytest.mark.parametrize(
    "preset", SentimentClassifier.presets + ImageClassifier.presets
)
def test_published_presets(preset, tmp_path):
    model = ZooModel.from_preset(preset)
    folder = model.export(tmp_path, format="litert")
    raw = [*model.origin.examples]
    if model.input_kind == "text":
        raw += [*TEXTS, "word " * 1000]
    assert_answers_are_the_networks(model, folder, raw)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_plain_loop_is_the_layer(activation, go_backwards):
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(2, 4, 3)).astype("float32")
    mask = np.array([[1, 1, 1, 0], [1, 0, 1, 1]], bool)
    first = rng.normal(size=(2, 5)).astype("float32")
    layers = [
        kind(
            5,
            activation,
            return_sequences=True,
            return_state=True,
            go_backwards=go_backwards,
        )
        for kind in (Elman, PlainLoopElman)
    ]
    for layer in layers:
        layer.build((2, 4, 3))
    layers[1].set_weights(layers[0].get_weights())
    for arguments in ({}, {"mask": mask}, {"initial_state": first}):
        for received, expected in zip(
            *(layer(inputs, **arguments) for layer in layers), strict=True
        ):
            np.testing.assert_allclose(received, expected, atol=1e-6)


def test_what_cannot_be_converted_is_named(classifier, tmp_path):
    with pytest.raises(ValueError, match="classifiers.*Received: a Translator"):
        make_translator().export(tmp_path, format="litert")
    inputs = keras.Input((None, 3), name="steps")
    network = keras.Model(inputs, keras.ops.erfinv(inputs), name="inverse")
    with pytest.raises(ValueError, match="built-in operations.*Received: inverse"):
        export_litert(network, "values", tmp_path, "inverse")
    classifier.preprocessor = None
    with pytest.raises(ValueError, match="preprocessor=None"):
        classifier.export(tmp_path, format="litert")
    with pytest.raises(ValueError, match=r"\('saved_model', 'litert', .*Received: 'pa"):
        classifier.export(tmp_path, format="paper")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
