"""ONNX graphs: the numbers of the Keras models, in ONNX's own operator."""

import json
import sys

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from rnnzoo import SentimentClassifier, list_presets
from rnnzoo.export.onnx_graph import OnnxGraph
from rnnzoo.export.onnx_layers import dense, elman_last, elman_states, read_mask
from rnnzoo.layers import Elman
from tests.tiny_zoo import TINY

SHOWN = ("sentiment_en", "image_classifier_mnist_rows")
PRESETS = [
    preset.name
    if preset.name in SHOWN
    else pytest.param(preset.name, marks=pytest.mark.slow)
    for preset in list_presets()
]


def run(graph, **inputs):
    content = graph if isinstance(graph, bytes) else graph.serialize()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [slot.name for slot in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", None])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_states_of_ragged_rows(activation, go_backwards):
    layer = Elman(
        4,
        activation,
        bias_initializer="random_normal",
        return_sequences=True,
        go_backwards=go_backwards,
    )
    x = np.random.default_rng(0).normal(0, 1, (3, 5, 2)).astype("float32")
    lengths = np.array([5, 1, 3], "int32")
    mask = np.arange(5) < lengths[:, None]
    graph = OnnxGraph("layer")
    graph.input("x", "float32", ["batch", "time", 2])
    graph.input("lengths", "int32", ["batch"])
    expected, whole = layer(x, mask=mask), layer(x)
    if go_backwards:
        expected, whole = np.flip(expected, 1), np.flip(whole, 1)
    for name, given in (("ragged", "lengths"), ("whole", "")):
        states = elman_states(graph, layer, "x", given)
        graph.output(name, states, "float32", ["batch", "time", 4])
    received = run(graph, x=x, lengths=lengths)
    np.testing.assert_allclose(received["whole"], whole, atol=1e-6)
    received, expected = received["ragged"][mask], np.asarray(expected)[mask]
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_last_states_of_ragged_rows_with_a_first_state():
    layer = Elman(4, bias_initializer="random_normal")
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (3, 5, 2)).astype("float32")
    first = rng.normal(0, 1, (3, 4)).astype("float32")
    lengths = np.array([5, 0, 3], "int32")
    mask = np.arange(5) < lengths[:, None]
    expected = np.array(layer(x, initial_state=first, mask=mask))
    expected[1] = first[1]  # Keras has zeros where there is no step
    graph = OnnxGraph("layer")
    graph.input("x", "float32", ["batch", "time", 2])
    graph.input("first", "float32", ["batch", 4])
    graph.input("lengths", "int32", ["batch"])
    for name, given in (("ragged", ["lengths"]), ("whole", [])):
        state = elman_last(graph, layer, "x", "first", *given)
        graph.output(name, state, "float32", ["batch", 4])
    received = run(graph, x=x, first=first, lengths=lengths)
    np.testing.assert_allclose(received["ragged"], expected, atol=1e-6)
    whole = layer(x, initial_state=first)
    np.testing.assert_allclose(received["whole"], whole, atol=1e-6)


every_model = pytest.mark.parametrize("class_name", TINY)


@every_model
def test_graphs_hold_the_recurrence_as_one_operator_and_no_loop(class_name, exported):
    *_, folder = exported(class_name, "onnx")
    kinds = []
    for path in sorted(folder.glob("*.onnx")):
        loaded = onnx.load(path)
        onnx.checker.check_model(loaded, full_check=True)
        assert [(o.domain, o.version) for o in loaded.opset_import] == [("", 18)]
        kinds += [node.op_type for node in loaded.graph.node]
    assert "RNN" in kinds
    assert not {"Loop", "Scan", "LSTM", "GRU"} & set(kinds)


@every_model
def test_the_signature_is_what_the_graphs_take_and_give(class_name, exported):
    model, _, folder = exported(class_name, "onnx")
    assert folder.parts[-2:] == ("mine", "3")
    content = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
    assert (content["format"], content["version"]) == ("onnx", 3)
    assert content["verb"] == model.verb
    assert content["class_name"] == type(model).__name__
    graphs = {path.stem for path in folder.glob("*.onnx")}
    assert graphs == set(content["signatures"])
    numpy_names = {"tensor(float)": "float32", "tensor(int32)": "int32"}
    numpy_names["tensor(bool)"] = "bool"
    for graph, sides in content["signatures"].items():
        session = onnxruntime.InferenceSession(folder / f"{graph}.onnx")
        for side, slots in (
            ("inputs", session.get_inputs()),
            ("outputs", session.get_outputs()),
        ):
            assert [*sides[side]] == [slot.name for slot in slots]
            for slot in slots:
                described = sides[side][slot.name]
                assert described["dtype"] == numpy_names[slot.type]
                # ONNX Runtime may find out more: a grid has so many places.
                pairs = zip(described["shape"], slot.shape, strict=True)
                assert all(size in (None, found) for size, found in pairs)


def ragged_ids(rng, vocabulary_size, batch=5, time=9):
    token_ids = rng.integers(4, vocabulary_size, (batch, time)).astype("int32")
    lengths = np.array([time, 1, 4, time - 1, 2])
    return np.where(np.arange(time) < lengths[:, None], token_ids, 0)


def assert_close(received, expected):
    np.testing.assert_allclose(received, np.asarray(expected), atol=1e-4)


@pytest.mark.parametrize("preset", PRESETS)
def test_graphs_agree_with_the_published_models(preset, published, published_export):
    model, folder = published(preset), published_export(preset, "onnx")
    graphs = {path.stem: path.read_bytes() for path in folder.glob("*.onnx")}
    rng = np.random.default_rng(0)
    if model.input_kind == "image":
        inputs = rng.random((3, *model.inputs[0].shape[1:]), "float32")
    else:
        size = getattr(model, "vocabulary_size", None) or model.source_vocabulary_size
        inputs = ragged_ids(rng, size)
    if model.verb == "classify":
        name = model.inputs[0].name
        received = run(graphs["model"], **{name: inputs})["probabilities"]
        assert_close(received, model.network()([inputs], training=False))
    elif "encoder_model" in graphs:
        check_decoder(model, graphs, inputs, rng)
    else:
        check_language_model(model, graphs, inputs)


def check_decoder(model, graphs, inputs, rng):
    name = next(iter(model.inputs)).name
    seen = run(graphs["encoder_model"], **{name: inputs})
    del seen["signals"]  # the runner's answers tell of these
    encoder_outputs, mask, states, *more = model.encode_inputs(inputs)
    mask = np.asarray(mask)
    assert np.array_equal(seen["mask"], mask)
    assert_close(seen["memory"][mask], np.asarray(encoder_outputs)[mask])
    fixed, states = model.attention_decoder.start(encoder_outputs, mask, states, *more)
    # Two hypotheses for each example, three steps one after another.
    states = [np.repeat(state, 2, axis=0) for state in states]
    received = [np.repeat(seen.pop(f"state_{i}"), 2, axis=0) for i in (1, 2)]
    for _ in range(3):
        ids = rng.integers(4, 1000, len(states[0])).astype("int32")
        logits, states = model.attention_decoder.step(ids, states, fixed)
        given = {"token_ids": ids, "state_1": received[0], "state_2": received[1]}
        outputs = run(graphs["decoder_model"], **given, **seen)
        received = [outputs["next_state_1"], outputs["next_state_2"]]
        assert_close(outputs["logits"], logits)
        for one, other in zip(received, states, strict=True):
            assert_close(one, other)


def check_language_model(model, graphs, token_ids):
    zeros = np.zeros((len(token_ids), model.units), "float32")
    outputs = run(graphs["decoder_model"], token_ids=token_ids, state=zeros)
    expected = np.asarray(model.network()([token_ids], training=False))
    last = (token_ids != 0).sum(axis=1) - 1
    assert_close(outputs["logits"], expected[np.arange(len(last)), last])
    word = token_ids[:, :1]
    logits, (state,) = model.words.step(word[:, 0], [outputs["next_state"]])
    again = run(graphs["decoder_model"], token_ids=word, state=outputs["next_state"])
    assert_close(again["logits"], logits)
    assert_close(again["next_state"], state)


def test_padding_changes_nothing(exported):
    *_, folder = exported("SentimentClassifier", "onnx")
    graph = (folder / "model.onnx").read_bytes()
    token_ids = np.array([[5, 8, 6, 3], [7, 3, 0, 0]], "int32")
    padded = np.pad(token_ids, [[0, 0], [0, 5]])
    once = run(graph, token_ids=token_ids)["probabilities"]
    again = run(graph, token_ids=padded)["probabilities"]
    alone = run(graph, token_ids=token_ids[1:, :2])["probabilities"]
    np.testing.assert_allclose(once, again, atol=1e-6)
    np.testing.assert_allclose(once[1:], alone, atol=1e-6)


def test_what_cannot_be_exported_is_named(classifier, tmp_path, monkeypatch):
    graph = OnnxGraph("none")
    x = graph.input("x", "float32", ["batch", "time", 3])
    layer = Elman(2, "softplus", return_sequences=True)
    layer.build((None, None, 3))
    with pytest.raises(ValueError, match="and linear. Received: elman.* 'softplus'"):
        elman_states(graph, layer, x)
    other = keras.layers.SimpleRNN(2)
    with pytest.raises(ValueError, match="Received: simple_rnn.*, a SimpleRNN"):
        elman_states(graph, other, x)
    layer = keras.layers.Dense(2, "gelu")
    layer.build((None, 3))
    with pytest.raises(ValueError, match="'gelu'"):
        dense(graph, layer, x)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"pip install 'rnnzoo\[onnx\]'"):
        classifier.export(tmp_path, format="onnx")
    assert list(tmp_path.iterdir()) == []


def test_other_cells_and_samplers_are_refused(tmp_path):
    class Gated(SentimentClassifier):
        recurrent_layer = keras.layers.GRU

    gated = Gated(8, units=3)
    gated.preprocessor = TINY["SentimentClassifier"][0]().preprocessor
    with pytest.raises(ValueError, match="takes the place of `rnnzoo.layers.Elman`"):
        gated.export(tmp_path, format="onnx")
    writer = TINY["Translator"][0]()

    class Mine(type(writer.sampler)):
        pass

    writer.compile(sampler=Mine())
    with pytest.raises(ValueError, match="samplers.*'beam'.*Received: Mine"):
        writer.export(tmp_path, format="onnx")
    assert list(tmp_path.iterdir()) == []


def test_versions_are_of_one_format(classifier, tmp_path):
    (tmp_path / "mine" / "3").mkdir(parents=True)
    (tmp_path / "mine" / "3" / "model.tflite").touch()
    with pytest.raises(ValueError, match="of one format. Received: 'onnx'"):
        classifier.export(tmp_path, name="mine", format="onnx")
    classifier.export(tmp_path, name="other", format="onnx")
    with pytest.raises(ValueError, match="of one format. Received: 'litert'"):
        classifier.export(tmp_path, name="other", format="litert", version=2)
    with pytest.raises(FileExistsError, match="is there already"):
        classifier.export(tmp_path, name="other", format="onnx")


def test_lengths_are_those_of_ids_that_are_no_padding():
    graph = OnnxGraph("lengths")
    ids = graph.input("ids", "int32", ["batch", "time"])
    mask, lengths = read_mask(graph, ids)
    graph.output("mask", mask, "bool", ["batch", "time"])
    graph.output("lengths", lengths, "int32", ["batch"])
    received = run(graph, ids=np.array([[4, 3, 0], [0, 0, 0]], "int32"))
    assert received["lengths"].tolist() == [2, 0]
    assert received["mask"].tolist() == [[True, True, False], [False] * 3]
