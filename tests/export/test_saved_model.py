"""The SavedModel: its signature, operations and variables, and versions on disk."""

import numpy as np
import pytest


def assert_shapes(specs, **shapes):
    assert {key: spec.shape.as_list() for key, spec in specs.items()} == shapes


def test_signatures_of_texts(exported):
    import tensorflow as tf

    *_, folder = exported("SentimentClassifier")
    run = tf.saved_model.load(str(folder)).signatures["serving_default"]
    assert_shapes(run.structured_input_signature[1], text=[None])
    one = {key: [None] for key in ("label", "score", "confidence")}
    assert_shapes(run.structured_outputs, **one, probabilities=[None, 2])


def test_signatures_of_images(exported):
    import tensorflow as tf

    *_, folder = exported("ImageClassifier")
    signatures = tf.saved_model.load(str(folder)).signatures
    assert list(signatures) == ["serving_default", "serve_images"]
    of_bytes, of_arrays = (
        run.structured_input_signature[1] for run in signatures.values()
    )
    assert_shapes(of_bytes, image_bytes=[None])
    assert_shapes(of_arrays, images=[None, None, None, 1])
    assert of_arrays["images"].dtype == tf.float32


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("SentimentClassifier", {"StatelessWhile"}),
        ("ImageClassifier", {"DecodeJpeg", "DecodePng"}),
    ],
)
def test_graphs_use_core_operations(class_name, expected, exported):
    from tensorflow.core.protobuf import saved_model_pb2

    path = exported(class_name)[-1] / "saved_model.pb"
    graphs = saved_model_pb2.SavedModel.FromString(path.read_bytes()).meta_graphs
    functions = [f for graph in graphs for f in graph.graph_def.library.function]
    ops = {node.op for function in functions for node in function.node_def}
    ops |= {node.op for graph in graphs for node in graph.graph_def.node}
    assert expected <= ops
    assert not {op for op in ops if "PyFunc" in op or "Xla" in op}
    # No function that must be compiled: a server need not have XLA.
    assert not [f for f in functions if f.attr["_XlaMustCompile"].b]


@pytest.mark.slow
def test_what_is_loaded_has_the_variables_and_can_be_differentiated(exported):
    import tensorflow as tf

    classifier, _, folder = exported("SentimentClassifier")
    loaded = tf.saved_model.load(str(folder))
    assert len(loaded.trainable_variables) == len(classifier.trainable_variables)
    with tf.GradientTape() as tape:
        answer = loaded.signatures["serving_default"](text=tf.constant(["A film."]))
        loss = tf.reduce_sum(answer["probabilities"][:, 0])
    gradients = tape.gradient(loss, loaded.trainable_variables)
    assert any(np.any(tf.convert_to_tensor(g)) for g in gradients)


def test_versions_are_not_overwritten(classifier, tmp_path):
    folder = classifier.export(tmp_path)
    before = (folder / "saved_model.pb").read_bytes()
    with pytest.raises(FileExistsError, match="is there already"):
        classifier.export(tmp_path)
    assert (folder / "saved_model.pb").read_bytes() == before
    assert classifier.export(tmp_path, version=2).name == "2"


def test_a_failed_export_leaves_nothing(classifier, tmp_path, monkeypatch):
    import tensorflow as tf

    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        classifier.export(tmp_path, name="mine")
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"version": 0}, "positive integer. Received: version=0"),
        ({"version": "1"}, "positive integer. Received: version='1'"),
        ({"name": "../up"}, r"Received: '../up'"),
        ({"name": ".hidden"}, r"Received: '.hidden'"),
    ],
)
def test_bad_arguments_are_named(classifier, tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        classifier.export(tmp_path, **arguments)


def test_without_a_preprocessor(classifier, tmp_path):
    classifier.preprocessor = None
    with pytest.raises(ValueError, match="preprocessor=None"):
        classifier.export(tmp_path)
