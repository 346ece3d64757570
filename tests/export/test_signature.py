"""What lies beside a SavedModel: the warm-up file and `signature.json`."""

import json

import numpy as np
import pytest

from rnnzoo import ImageClassifier, ZooModel
from rnnzoo.export.warmup import WARMUP_FILE
from tests.conftest import make_classifier
from tests.images.test_pixels import encode
from zoo_models.core.exporting import describe

EXAMPLES = ["What a fine film, über fine!", "dull", ""]
EVALUATION = {"dataset": "tiny:1.0.0", "split": "test", "metrics": {"accuracy": 0.5}}
METADATA = {"examples": EXAMPLES, "evaluations": [EVALUATION], "licence": "CC0-1.0"}


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets") / "tiny"
    make_classifier().save_to_preset(folder, METADATA)
    return folder


@pytest.fixture(scope="module")
def of_texts(preset, tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    return ZooModel.from_preset(preset).export(base, version=4)


@pytest.fixture(scope="module")
def of_images(exported):
    """A model of one's own, that has no examples."""
    return exported("ImageClassifier")[-1]


def read_warmup(folder):
    """The requests, as the official messages hold them."""
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    requests = []
    for record in tf.data.TFRecordDataset(str(folder / WARMUP_FILE)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        assert log.WhichOneof("log_type") == "predict_log"
        # Nothing was written that the official message does not know.
        assert log.SerializeToString(deterministic=True) == record.numpy()
        requests.append(log.predict_log.request)
    return requests


def replay(folder, requests):
    import tensorflow as tf

    signatures = tf.saved_model.load(str(folder)).signatures
    answers = []
    for request in requests:
        inputs = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
        run = signatures[request.model_spec.signature_name]
        specs = run.structured_input_signature[1]
        outputs = run(**{k: tf.constant(v, specs[k].dtype) for k, v in inputs.items()})
        answers.append({k: v.numpy() for k, v in outputs.items()})
    return answers


def read_signature(folder):
    return json.loads((folder / "signature.json").read_text(encoding="utf-8"))


def test_the_warm_up_is_what_the_official_messages_read(of_texts):
    import tensorflow as tf

    one, every = read_warmup(of_texts)
    for request, texts in ((one, EXAMPLES[:1]), (every, EXAMPLES)):
        assert request.model_spec.name == "tiny"
        assert request.model_spec.signature_name == "serving_default"
        assert list(request.inputs) == ["text"]
        received = tf.make_ndarray(request.inputs["text"]).tolist()
        assert received == [text.encode() for text in texts]


def test_the_saved_model_answers_its_warm_up(of_texts):
    one, every = replay(of_texts, read_warmup(of_texts))
    assert set(every["label"]) <= {b"negative", b"positive"}
    np.testing.assert_allclose(one["score"], every["score"][:1], rtol=1e-5)


def test_signature_json_says_what_goes_in_and_out(of_texts):
    content = read_signature(of_texts)
    assert content["signatures"]["serving_default"]["inputs"] == {
        "text": {"dtype": "string", "shape": [None]}
    }
    assert content["signatures"]["serving_default"]["outputs"] == {
        "confidence": {"dtype": "float32", "shape": [None]},
        "label": {"dtype": "string", "shape": [None]},
        "probabilities": {"dtype": "float32", "shape": [None, 2]},
        "score": {"dtype": "float32", "shape": [None]},
    }
    assert (content["name"], content["version"]) == ("tiny", 4)
    assert content["format"] == "saved_model"
    assert content["class_name"] == "SentimentClassifier"
    assert content["labels"] == ["negative", "positive"]
    assert content["licence"] == "CC0-1.0"
    assert content["evaluations"] == [EVALUATION]


def test_every_signature_of_images_is_warmed_up(of_images):
    requests = read_warmup(of_images)
    names = [request.model_spec.signature_name for request in requests]
    assert sorted(names) == ["serve_images", "serving_default"]
    of_bytes, of_arrays = replay(of_images, sorted(requests, key=str, reverse=True))
    assert of_bytes["probabilities"].shape == of_arrays["probabilities"].shape == (1, 2)
    signatures = read_signature(of_images)["signatures"]
    assert signatures["serve_images"]["inputs"]["images"]["shape"] == [*[None] * 3, 1]
    assert "evaluations" not in read_signature(of_images)


@pytest.mark.slow
def test_images_of_a_preset_are_its_files(tmp_path):
    import tensorflow as tf

    png = encode(np.full((9, 8), 77, "uint8"), "PNG")
    model = ImageClassifier((5, 7, 1), 2, units=[2])
    model.save_to_preset(tmp_path / "shades", {"examples": ["one.png", "none.png"]})
    (tmp_path / "shades" / "one.png").write_bytes(png)
    folder = ZooModel.from_preset(tmp_path / "shades").export(tmp_path / "models")
    files = [r.inputs["image_bytes"] for r in read_warmup(folder) if r.inputs]
    assert [*tf.make_ndarray(files[0])] == [png]


def test_figures_are_told_of_the_weights_they_were_measured_with(preset):
    model = ZooModel.from_preset(preset)
    assert describe(model)["evaluations"] == [EVALUATION]
    model.set_weights([weight + 1e-3 for weight in model.get_weights()])
    assert "evaluations" not in describe(model)
    random = ZooModel.from_preset(preset, load_weights=False)
    assert "evaluations" not in describe(random)
    assert random.origin.examples == EXAMPLES


def test_a_version_that_cannot_answer_is_not_written(classifier, tmp_path, monkeypatch):
    import tensorflow as tf

    def fail(raw):
        with tf.control_dependencies([tf.debugging.Assert(False, ["broken"])]):
            return {"label": tf.identity(raw)}

    monkeypatch.setattr(classifier, "answer", fail)
    with pytest.raises(tf.errors.InvalidArgumentError, match="broken"):
        classifier.export(tmp_path, name="mine")
    assert list((tmp_path / "mine").iterdir()) == []
