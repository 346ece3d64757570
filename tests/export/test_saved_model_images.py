"""The SavedModel of an image classifier, in a process that has only TensorFlow."""

import base64

import numpy as np
import pytest

from tests.export.test_saved_models import run_alone
from tests.images.test_pixels import BAD_FILES, encode
from training.image_classifier.drawn_digits import DRAWINGS

SCRIPT = """
import base64, json, sys
import tensorflow as tf
assert not any(name.split(".")[0] in ("rnnzoo", "zoo_models") for name in sys.modules)
files = [base64.b64decode(data) for data in json.load(sys.stdin)]
signatures = tf.saved_model.load(sys.argv[1]).signatures
run, run_images = signatures["serving_default"], signatures["serve_images"]
def to_list(out):
    labels = [label.decode() for label in out["label"].numpy()]
    return [labels, out["score"].numpy().tolist(), out["probabilities"].shape[1]]
pixels = [tf.io.decode_png(data) for data in files[:-2]]
images = tf.cast(tf.stack(pixels), tf.float32) / 255
refused = []
for call in (lambda: run(image_bytes=tf.constant(files)),
             lambda: run(image_bytes=tf.constant(files[:1] + files[-1:])),
             lambda: run_images(images=images * float("nan"))):
    try:
        call()
        refused.append("")
    except tf.errors.InvalidArgumentError as error:
        refused.append(str(error))
answers = [to_list(run(image_bytes=tf.constant(files[:-2]))),
           to_list(run_images(images=images)),
           to_list(run(image_bytes=tf.constant([], tf.string))), refused]
json.dump(answers, sys.stdout)
"""
PRESETS = ("image_classifier_mnist", "image_classifier_mnist_rows")


@pytest.fixture(
    scope="module",
    params=["tiny", *(pytest.param(p, marks=pytest.mark.slow) for p in PRESETS)],
)
def example(request, exported, published, published_export):
    """A model and the folder of its export."""
    if request.param == "tiny":
        model, _, folder = exported("ImageClassifier")
        return model, folder
    return published(request.param), published_export(request.param)


@pytest.fixture(scope="module")
def answers(example):
    """What an exported model says in a fresh process."""
    _, folder = example
    files = [encode(drawing.draw(), "PNG") for drawing in DRAWINGS]
    files += [BAD_FILES["bmp"][0], BAD_FILES["huge"][0]]
    message = [base64.b64encode(data).decode() for data in files]
    return run_alone(SCRIPT, message, folder)


def test_both_signatures_answer_as_classify_does(example, answers):
    of_bytes, of_arrays, of_none, _ = answers
    model, _ = example
    expected = model.classify([drawing.draw() for drawing in DRAWINGS])
    for labels, scores, num_classes in (of_bytes, of_arrays):
        assert labels == [answer["label"] for answer in expected]
        np.testing.assert_allclose(
            scores, [answer["score"] for answer in expected], atol=1e-4
        )
        assert num_classes == len(model.labels)
    assert of_none == [[], [], len(model.labels)]


def test_bad_images_fail_the_call_with_the_reason(answers):
    *_, (not_a_png, too_large, not_a_number) = answers
    assert "must be a JPEG or PNG file" in not_a_png
    assert "25000000 pixels at most" in too_large
    assert "must be from 0 to 1" in not_a_number


@pytest.mark.parametrize("preset", PRESETS)
def test_drawn_digits_are_recognised(preset, published):
    """Thin and thick, off centre, dark on white and white on black; not from MNIST."""
    answers = published(preset).classify([drawing.draw() for drawing in DRAWINGS])
    assert [a["label"] for a in answers] == [d.label for d in DRAWINGS]


def test_signature_names_and_core_ops(example):
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    _, folder = example
    signatures = tf.saved_model.load(str(folder)).signatures
    assert list(signatures) == ["serving_default", "serve_images"]
    (of_bytes,) = signatures["serving_default"].structured_input_signature[1].values()
    assert (of_bytes.name, of_bytes.shape.as_list()) == ("image_bytes", [None])
    (of_arrays,) = signatures["serve_images"].structured_input_signature[1].values()
    assert (of_arrays.name, of_arrays.dtype) == ("images", tf.float32)
    assert of_arrays.shape.as_list() == [None, None, None, 1]
    graph = saved_model_pb2.SavedModel.FromString(
        (folder / "saved_model.pb").read_bytes()
    )
    ops = {
        node.op
        for meta in graph.meta_graphs
        for function in meta.graph_def.library.function
        for node in function.node_def
    }
    assert {"DecodeJpeg", "DecodePng"} <= ops
    assert not {op for op in ops if "PyFunc" in op or "Xla" in op}
