"""OpenVINO gives what ONNX Runtime gives, with shapes that may vary."""

import numpy as np
import openvino
import pytest

from rnnzoo import ZooModel
from tests.export.running import ragged_ids, run
from tests.tiny_zoo import TINY


def run_both(path, inputs):
    expected = run(path, **inputs)
    core = openvino.Core()
    precise = {"INFERENCE_PRECISION_HINT": "f32"}
    received = core.compile_model(core.read_model(path), "CPU", precise)(inputs)
    return expected, {name: received[name] for name in expected}


def assert_same(received, expected):
    for name, values in expected.items():
        np.testing.assert_allclose(received[name], values, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("weights", ["float32", "float16", "int8"])
def test_a_published_classifier_of_texts(tmp_path, weights):
    model = ZooModel.from_preset("sentiment_en")
    folder = model.export(tmp_path, format="onnx", weights=weights)
    inputs = {"token_ids": ragged_ids(model.vocabulary_size)}
    assert_same(*run_both(folder / "model.onnx", inputs))


@pytest.mark.parametrize("read", ["whole", "rows"])
def test_images(tmp_path, read):
    from rnnzoo import ImageClassifier

    model = ImageClassifier((6, 5, 1), 3, units=[4, 2], read=read)
    folder = model.export(tmp_path, format="onnx")
    pixels = np.random.default_rng(0).random((3, 6, 5, 1), "float32")
    assert_same(*run_both(folder / "model.onnx", {"pixels": pixels}))


def test_a_language_model(tmp_path):
    model = TINY["LanguageModel"][0]()
    folder = model.export(tmp_path, format="onnx")
    state = np.random.default_rng(0).normal(0, 1, (5, model.units)).astype("float32")
    inputs = {"token_ids": ragged_ids(model.vocabulary_size), "state": state}
    assert_same(*run_both(folder / "decoder_model.onnx", inputs))


@pytest.mark.parametrize("name", ["Translator", "ImageCaptioner"])
def test_encoders_and_decoders(tmp_path, name):
    model = TINY[name][0]()
    folder = model.export(tmp_path, format="onnx")
    if model.input_kind == "text":
        inputs = {"source_ids": ragged_ids(model.source_vocabulary_size)}
    else:
        size = model.image_size
        pixels = np.random.default_rng(0).random((5, size, size, 3), "float32")
        inputs = {"pixels": pixels}
    seen, received = run_both(folder / "encoder_model.onnx", inputs)
    mask = seen["mask"]
    places = ("memory", "keys_1", "keys_2")
    assert_same(
        {k: v[mask] if k in places else v for k, v in received.items()},
        {k: v[mask] if k in places else v for k, v in seen.items()},
    )
    del seen["signals"]
    for state in ("state_1", "state_2"):  # two hypotheses for each example
        seen[state] = np.repeat(seen[state], 2, axis=0)
    seen["token_ids"] = (4 + np.arange(2 * len(mask)) % 8).astype("int32")
    assert_same(*run_both(folder / "decoder_model.onnx", seen))
