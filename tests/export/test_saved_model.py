"""The SavedModel: the same answers in a process that has only TensorFlow."""

import json
import subprocess
import sys

import numpy as np
import pytest

from rnnzoo import SentimentClassifier, ZooModel

SCRIPT = """
import json, sys
import tensorflow as tf
assert not any(name.split(".")[0] in ("rnnzoo", "zoo_models") for name in sys.modules)
run = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answers = []
for texts in json.load(sys.stdin):
    out = run(text=tf.constant(texts, tf.string, shape=[len(texts)]))
    answers.append({k: [x.decode() if isinstance(x, bytes) else x for x in v.numpy()]
                    if k == "label" else v.numpy().tolist() for k, v in out.items()})
json.dump(answers, sys.stdout)
"""

BATCHES = [
    [],
    ["What a good film!"],
    ["", *(f"{'bad ' * i}film number {i}, dull" for i in range(32))],
]


def in_a_fresh_process(folder, batches):
    run = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT, str(folder)],
        input=json.dumps(batches),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def assert_answers_are_those_of_classify(model, folder):
    answers = in_a_fresh_process(folder, BATCHES)
    for texts, answer in zip(BATCHES, answers, strict=True):
        expected = model.classify(texts)
        assert set(answer) == {"label", "score", "probabilities", "confidence"}
        assert answer["label"] == [e["label"] for e in expected]
        scores = [e["score"] for e in expected]
        np.testing.assert_allclose(answer["score"], scores, atol=1e-5)
        if texts:
            assert np.shape(answer["probabilities"]) == (len(texts), 2)
            np.testing.assert_allclose(
                np.max(answer["probabilities"], axis=1), scores, atol=1e-5
            )


def test_a_model_of_ones_own(classifier, tmp_path):
    folder = classifier.export(tmp_path, version=3, name="mine")
    assert folder == tmp_path / "mine" / "3"
    assert (folder / "saved_model.pb").is_file()
    assert_answers_are_those_of_classify(classifier, folder)


@pytest.mark.parametrize("preset", SentimentClassifier.presets)
def test_published_presets(preset, tmp_path):
    model = ZooModel.from_preset(preset)
    folder = model.export(tmp_path)
    assert folder == tmp_path / preset / "1"
    assert_answers_are_those_of_classify(model, folder)


def test_signature_and_ops(classifier, tmp_path):
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    folder = classifier.export(tmp_path)
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


def test_what_is_loaded_has_the_variables_and_can_be_differentiated(
    classifier, tmp_path
):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(classifier.export(tmp_path, name="mine")))
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
