"""The SavedModel: its signature, operations and variables, and versions on disk."""

import numpy as np
import pytest


def test_signature_and_ops(exported):
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    *_, folder = exported("SentimentClassifier")
    run = tf.saved_model.load(str(folder)).signatures["serving_default"]
    (spec,) = run.structured_input_signature[1].values()
    assert (spec.name, spec.dtype, spec.shape.as_list()) == ("text", tf.string, [None])
    shapes = {k: v.shape.as_list() for k, v in run.structured_outputs.items()}
    one = {key: [None] for key in ("label", "score", "confidence")}
    assert shapes == {**one, "probabilities": [None, 2]}
    graph = saved_model_pb2.SavedModel.FromString(
        (folder / "saved_model.pb").read_bytes()
    )
    ops = set()
    for meta in graph.meta_graphs:
        ops.update(node.op for node in meta.graph_def.node)
        for function in meta.graph_def.library.function:
            ops.update(node.op for node in function.node_def)
    assert "While" in ops or "StatelessWhile" in ops
    assert not {op for op in ops if "PyFunc" in op or "Xla" in op}
    # No function that must be compiled: a server need not have XLA.
    compiled = [
        function.signature.name
        for meta in graph.meta_graphs
        for function in meta.graph_def.library.function
        if function.attr["_XlaMustCompile"].b
    ]
    assert not compiled


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
