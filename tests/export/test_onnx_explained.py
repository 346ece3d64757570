"""Graphs that explain: the states and the attention of the Keras models."""

import json

import keras
import numpy as np
import pytest

from rnnzoo import ImageClassifier
from rnnzoo.analysis import read_states
from tests.export.running import run
from tests.tiny_zoo import TINY


def export(name, tmp_path, **settings):
    model = TINY[name][0]()
    folder = model.export(tmp_path, format="onnx", name="mine", **settings)
    content = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
    return model, folder, content["signatures"]


def test_a_classifier_of_texts_gives_the_states_of_both_directions(tmp_path):
    model, folder, signatures = export("SentimentClassifier", tmp_path, explains=True)
    check_states(model, folder, signatures, ["a good film"])


def test_a_classifier_of_images_gives_the_states_of_its_last_layer(tmp_path):
    keras.utils.set_random_seed(0)
    image = np.random.default_rng(0).integers(0, 256, (5, 4), "uint8")
    for read in ("whole", "rows"):
        model = ImageClassifier(
            (5, 4, 1), labels=["dark", "bright"], units=[6, 7], read=read
        )
        folder = model.export(tmp_path, format="onnx", name=read, explains=True)
        content = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
        check_states(model, folder, content["signatures"], [image])


def check_states(model, folder, signatures, raws):
    inputs = np.stack([np.asarray(model.preprocessor(raws))[0]])
    received = run(folder / "model.onnx", **{model.inputs[0].name: inputs})
    assert [*signatures["model"]["outputs"]] == [*received]
    (layers,) = read_states(model, raws)
    expected = layers[-1].values
    if received["states"].shape[-1] > expected.shape[-1]:
        # The second direction reads from the end.
        expected = np.concatenate([layers[-2].values, expected[::-1]], axis=-1)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(received["states"][0], expected, atol=1e-5)


@pytest.mark.parametrize("name", ["Translator", "ImageCaptioner"])
def test_decoders_say_where_they_look(name, tmp_path):
    model, folder, _ = export(name, tmp_path, explains=True)
    raws = TINY[name][1][:2]
    inputs = model.preprocess(raws)
    name_of_input = next(iter(model.inputs)).name
    seen = run(folder / "encoder_model.onnx", **{name_of_input: inputs})
    states = [np.repeat(seen.pop(f"state_{i}"), 2, axis=0) for i in (1, 2)]
    del seen["signals"]
    words = np.array([[2, 2], [2, 2], [4, 5], [5, 4]], "int32")
    of_steps = []
    for ids in words.reshape(2, 4):
        given = {"token_ids": ids, "state_1": states[0], "state_2": states[1]}
        after = run(folder / "decoder_model.onnx", **given, **seen)
        states = [after["next_state_1"], after["next_state_2"]]
        of_steps.append(after["attention"])
    received = np.stack(of_steps, axis=1)  # (rows, steps, places)
    network = model._untracked.attention
    rows = words.reshape(2, 4).T  # (rows, steps)
    if len(model.inputs[1].shape) == 3:
        rows = rows[:, None]
    expected = network([np.repeat(inputs, 2, axis=0), rows], training=False)
    expected = np.asarray(expected).reshape(received.shape)
    np.testing.assert_allclose(received, expected, atol=1e-5)
    np.testing.assert_allclose(received.sum(axis=-1), 1, atol=1e-5)


def test_no_other_export_has_more_outputs_or_explains(tmp_path):
    for name in ("SentimentClassifier", "Translator", "LanguageModel"):
        _, _, signatures = export(name, tmp_path / name)
        outputs = {key for sides in signatures.values() for key in sides["outputs"]}
        assert not outputs & {"states", "attention"}
    model = TINY["SentimentClassifier"][0]()
    with pytest.raises(ValueError, match="the format 'onnx'. Received: 'saved_model'"):
        model.export(tmp_path, format="saved_model", explains=True)
