"""SavedModels answer as the models do, in one process that has only TensorFlow."""

import base64
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.images.test_pixels import encode
from tests.tiny_zoo import TINY, ask

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a SavedModel needs TensorFlow"
)
SCRIPT = """
import base64, json, sys
import tensorflow as tf
assert not any(name.split(".")[0] in ("rnnzoo", "zoo_models") for name in sys.modules)

def call(run, inputs):
    (name,) = run.structured_input_signature[1]
    outputs = run(**{name: tf.constant(inputs, tf.string, shape=[len(inputs)])})
    return {key: [x.decode() if isinstance(x, bytes) else x for x in value.numpy()]
            if value.dtype == tf.string else value.numpy().tolist()
            for key, value in outputs.items()}

answers = {}
for key, (folder, batches) in json.load(sys.stdin).items():
    signatures = tf.saved_model.load(folder).signatures
    answers[key] = {
        name: [call(run, [base64.b64decode(x) for x in batch]) for batch in batches]
        for name, run in signatures.items() if name != "serve_images"}
json.dump(answers, sys.stdout)
"""
TEXTS = [
    [],
    ["What a good film!"],
    ["", *(f"{'bad ' * i}film number {i}, dull" for i in range(32))],
]
MORE = {
    "LanguageModel": ["zzz"],
    "Translator": ["", "🐕 a red dog", "A dog runs. The cat runs! The red dog."],
}
PRESETS = [
    "sentiment_en",
    pytest.param("sentiment_imdb_en", marks=pytest.mark.slow),
]


def in_a_fresh_process(folders):
    """`{key: {signature: [outputs of each batch]}}` for `{key: (folder, batches)}`."""
    message = {
        key: (str(folder), [[base64.b64encode(x).decode() for x in b] for b in batches])
        for key, (folder, batches) in folders.items()
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT],
        input=json.dumps(message),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_bytes(model, inputs):
    if model.input_kind == "text":
        return [text.encode() for text in inputs]
    return [encode(np.squeeze(image), "PNG") for image in inputs]


def batches_of(class_name, inputs):
    if class_name == "SentimentClassifier":
        return [*TEXTS, inputs]
    return [[*inputs, *MORE.get(class_name, [])]]


@pytest.fixture(scope="module")
def answers(exported, published_export):
    """What each exported model says in a fresh process."""
    texts = [[text.encode() for text in batch] for batch in TEXTS]
    folders = {"sentiment_en": (published_export("sentiment_en"), texts)}
    for class_name in TINY:
        model, inputs, folder = exported(class_name)
        batches = batches_of(class_name, inputs)
        folders[class_name] = folder, [as_bytes(model, batch) for batch in batches]
    return in_a_fresh_process(folders)


def assert_same(model, served, batches):
    kind = "label" if model.verb == "classify" else model.answer_name
    keys = {kind, "score"}
    if model.verb == "classify":
        keys |= {"confidence", "probabilities"}
        assert set(served) == {"serving_default"}
    else:
        assert set(served) == {"serving_default", "serve_confidence"}
    for number, batch in enumerate(batches):
        expected = ask(model, batch)
        for name, outputs in served.items():
            answer = outputs[number]
            more = {"confidence"} if name == "serve_confidence" else set()
            assert set(answer) == keys | more
            assert answer[kind] == [row[kind] for row in expected]
            for key, tolerance in (("score", 1e-4), ("confidence", 1e-3)):
                if key in answer:
                    wanted = [row[key] for row in expected]
                    np.testing.assert_allclose(answer[key], wanted, atol=tolerance)
            if batch and "probabilities" in answer:
                rows = np.array(answer["probabilities"])
                assert rows.shape == (len(batch), len(model.labels))
                np.testing.assert_allclose(rows.max(axis=1), answer["score"], atol=1e-6)


@pytest.mark.parametrize("class_name", TINY)
def test_answers_are_those_of_the_model(class_name, exported, answers):
    model, inputs, folder = exported(class_name)
    assert folder.parts[-2:] == ("mine", "3")
    assert (folder / "saved_model.pb").is_file()
    assert_same(model, answers[class_name], batches_of(class_name, inputs))


@pytest.mark.parametrize("preset", PRESETS)
def test_published_presets(preset, published, published_export, answers):
    folder = published_export(preset)
    assert folder.parts[-2:] == (preset, "1")
    if preset not in answers:
        batches = [[text.encode() for text in batch] for batch in TEXTS]
        answers |= in_a_fresh_process({preset: (folder, batches)})
    assert_same(published(preset), answers[preset], TEXTS)
