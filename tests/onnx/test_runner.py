"""The runner: the answers of the models, without Keras and TensorFlow."""

import ast
import importlib
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from rnnzoo import TranslatorPreprocessor, ZooModel, list_presets
from rnnzoo.onnx import Runner
from rnnzoo.onnx.one_file import one_file
from tests.tiny_zoo import TINY

SHOWN = ("sentiment_en", "image_classifier_mnist", "translator_en_de")
PRESETS = [
    preset.name
    if preset.name in SHOWN
    else pytest.param(preset.name, marks=pytest.mark.slow)
    for preset in list_presets()
]
TEXTS = ["", "Not bad. Not good? " * 30, "dull", "Ünknöwn “wörds” — ☃<br/>", b"a \xff"]
# Parts of the files are these alone: all else would be a reason to fail.
SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
import runner
answer = runner.Runner({folder!r}).{verb}({inputs!r})
heavy = {{"keras", "tensorflow", "rnnzoo", "zoo_models", "onnx", "torch"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
print(answer)
"""


def close(answer, tolerance=1e-6):
    """An answer whose numbers may be a rounding off."""
    if isinstance(answer, str):
        return answer
    kinds = {"score": tolerance, "confidence": 10 * tolerance}
    return {
        key: pytest.approx(value, abs=kinds[key]) if key in kinds else value
        for key, value in answer.items()
    }


def assert_same(runner, model, inputs, **settings):
    several = {"batch_size": 3, **settings}
    if model.verb == "classify":
        count = len(model.labels)
        received = runner.classify(inputs, top=count, **several)
        expected = model.classify(inputs, top=count, verbose=0)
        # Of equal scores either may come first.
        received, expected = (
            [sorted(rows, key=lambda a: a["label"]) for rows in answers]
            for answers in (received, expected)
        )
    else:
        asked = {"num_return": 2, "return_scores": True, **settings}
        received = runner.generate(inputs, **{**asked, **several})
        expected = model.generate(inputs, verbose=0, **asked)
    for rows, answers in zip(received, expected, strict=True):
        assert rows == [close(answer, 1e-4) for answer in answers]


@pytest.mark.parametrize("preset", PRESETS)
def test_published_models_answer_the_same(preset, published, published_export):
    model = published(preset)
    inputs = [*model.origin.examples]
    settings = {}
    if model.input_kind == "text":
        inputs += TEXTS
    if model.verb == "generate":
        model.compile(sampler="beam")  # some draw unless told otherwise
        settings = {"max_length": 20}
    runner = Runner(published_export(preset, "onnx"))
    assert_same(runner, model, inputs, **settings)


@pytest.mark.parametrize("name", TINY)
def test_models_of_ones_own_answer_the_same(name, exported):
    model, inputs, folder = exported(name, "onnx")
    runner = Runner(folder)
    assert_same(runner, model, inputs)
    answer = runner.classify if model.verb == "classify" else runner.generate
    assert close(answer(inputs[0])) == answer(list(inputs))[0]
    assert answer([]) == []


def test_texts_that_are_taken_apart_are_put_together_again(tmp_path):
    keras.utils.set_random_seed(1)
    model = TINY["Translator"][0]()
    pair = model.preprocessor
    model.preprocessor = TranslatorPreprocessor(
        pair.source, pair.target, splits_sentences=True
    )
    runner = Runner(model.export(tmp_path, format="onnx"))
    texts = ["A dog runs. The cat runs! a red dog", "The dog.", "", "☃ ☃? A dog"]
    texts += ["The dog! 🙂 🎉 ", "A dog 🙂 runs", "🎉", "Ж Ж? A dog👍🏽"]
    assert_same(runner, model, [*texts, "The dog! " * 70])  # of many the first 64


@pytest.mark.parametrize("make", [TINY["LanguageModel"][0], None])
def test_texts_are_scored_as_the_language_model_scores_them(make, tmp_path):
    keras.utils.set_random_seed(1)
    published = "language_model_imdb_en"
    model = make() if make else ZooModel.from_preset(published)
    runner = Runner(model.export(tmp_path, name="mine", format="onnx"))
    received = runner.score(TEXTS, batch_size=2)
    for one, other in zip(received, model.score(TEXTS, verbose=0), strict=True):
        assert one == pytest.approx(other, rel=1e-4)
    assert runner.score(TEXTS[1]) == pytest.approx(received[1], rel=1e-5)
    assert runner.score([]) == []


def test_a_process_without_keras_and_tensorflow_answers(exported, tmp_path):
    for name in ("ImageClassifier", "Translator"):
        model, inputs, folder = exported(name, "onnx")
        if model.input_kind == "image":
            path = str(tmp_path / "image.png")
            keras.utils.save_img(path, inputs[0].reshape(*inputs[0].shape[:2], -1))
            inputs = [path]
        script = SCRIPT.format(folder=str(folder), verb=model.verb, inputs=inputs[0])
        # Outside the project: the file beside the model is all there is.
        command = [sys.executable, "-c", script]
        subprocess.run(command, check=True, cwd=folder, capture_output=True)


def test_onnx_runtime_writes_no_telemetry_into_the_home_folder(exported, tmp_path):
    *_, folder = exported("SentimentClassifier", "onnx")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_"))}
    command = [sys.executable, str(folder / "runner.py"), "a good film"]
    env = {**kept, "HOME": str(tmp_path)}
    subprocess.run(command, check=True, env=env, capture_output=True)
    assert [*tmp_path.rglob("*")] == []


def test_the_file_beside_a_model_answers_the_shell(exported, tmp_path):
    *_, folder = exported("SentimentClassifier", "onnx")
    assert (folder / "runner.py").read_text(encoding="utf-8") == one_file()
    texts = ["a good film", "dull"]
    done = subprocess.run(
        [sys.executable, str(folder / "runner.py"), *texts],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [close(answer) for answer in answers] == Runner(folder).classify(texts)


def test_the_file_has_no_name_twice():
    names = [
        getattr(node, "name", None) or node.targets[0].id
        for node in ast.parse(one_file()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name))
    ]
    assert {"Runner", "TextReader", "center_ink", "main"} <= set(names)
    assert len(names) == len(set(names))


def test_without_onnx_runtime_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.delitem(sys.modules, "rnnzoo.onnx.runner")
    with pytest.raises(ImportError, match=r"pip install 'rnnzoo\[onnx\]'"):
        importlib.import_module("rnnzoo.onnx.runner")


def test_wrong_calls_are_explained(exported, tmp_path):
    with pytest.raises(FileNotFoundError, match=f"--format onnx.*Received: {tmp_path}"):
        Runner(tmp_path)
    runner = Runner(exported("SentimentClassifier", "onnx")[-1])
    with pytest.raises(TypeError, match="answers by `classify`.*`generate`"):
        runner.generate("a film")
    with pytest.raises(TypeError, match="Language models.*a SentimentClassifier"):
        runner.score("a film")
    with pytest.raises(TypeError, match="Received: int"):
        runner.classify(3)
    with pytest.raises(TypeError, match=r"inputs\[1\] is of type NoneType"):
        runner.classify(["a", None])
    with pytest.raises(ValueError, match="`top`.*top=0"):
        runner.classify("a", top=0)
    with pytest.raises(ValueError, match="`batch_size`.*0"):
        runner.classify("a", batch_size=0)


def test_arrays_are_one_or_many(exported):
    model, _, folder = exported("ImageClassifier", "onnx")
    runner = Runner(folder)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 6, 7), "uint8")
    many = runner.classify(images)
    assert len(many) == 3
    assert close(runner.classify(images[0])) == many[0]
    assert [close(one) for one in runner.classify(images[..., None])] == many
    assert_same(runner, model, images)
