"""`rnnzoo predict --runtime onnx`: the same answers, without TensorFlow."""

import json
import subprocess
import sys

import pytest

from rnnzoo.cli.preset_runner import export_folder
from tests.cli.test_cli import run, succeed
from tests.tiny_zoo import TINY

# What a call does once the export is there.
SCRIPT = """
import sys
from rnnzoo.cli import main
try:
    main({arguments!r})
except SystemExit as end:
    assert not end.code
heavy = {{"keras", "tensorflow", "onnx", "zoo_models.core.zoo_model"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr("rnnzoo.cli.preset_runner.cache_folder", lambda: folder)
    return folder


@pytest.mark.parametrize("class_name", ["SentimentClassifier", "Translator"])
def test_answers_are_those_of_tensorflow(class_name, tmp_path):
    TINY[class_name][0]().save_to_preset(tmp_path / "tiny")
    inputs = ["a good film", "", "dull"]
    ask = ["predict", tmp_path / "tiny", *inputs]
    for options in ([], ["--top", 2]):
        here, there = (
            [*map(json.loads, succeed(*ask, "--json", *more).stdout.splitlines())]
            for more in (options, [*options, "--runtime", "onnx"])
        )
        assert len(here) == len(there) == len(inputs)
        for expected, received in zip(here, there, strict=True):
            if not options:
                expected, received = [expected], [received]
            for one, other in zip(expected, received, strict=True):
                assert other == {
                    key: pytest.approx(value, abs=1e-5)
                    if isinstance(value, float)
                    else value
                    for key, value in one.items()
                }


def test_a_second_call_imports_neither_keras_nor_tensorflow(
    preset_folder, tmp_path, monkeypatch
):
    monkeypatch.undo()
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    arguments = ["predict", str(preset_folder), "a film", "--runtime", "onnx"]
    first = succeed(*arguments)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(arguments=arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == first.stdout


def test_a_preset_is_exported_once_and_anew_when_it_changed(classifier, tmp_path):
    folder = tmp_path / "my preset"
    classifier.save_to_preset(folder)
    ask = ["predict", folder, "a good film", "--runtime", "onnx"]
    first = succeed(*ask)
    export = export_folder(folder)
    assert export.parent.name.startswith("my_preset-")
    (export / "mark").touch()
    assert run(*ask).output == first.output
    assert (export / "mark").exists()
    (export / "signature.json").unlink()  # it is made again
    assert run(*ask).output == first.output
    assert not (export / "mark").exists()
    classifier.get_layer("head").layers[-1].bias.assign([9.0, -9.0])
    classifier.save_to_preset(folder)
    assert export_folder(folder) != export
    assert run(*ask).output.startswith("negative 1.000")


def test_what_is_missing_or_cannot_be_is_said(preset_folder, monkeypatch):
    ask = ["predict", preset_folder, "a film", "--runtime", "onnx"]
    result = run("predict", "nonsense", "a", "--runtime", "onnx")
    assert result.exit_code == 1
    assert "Received: 'nonsense'" in result.output
    for package in ("onnx", "onnxruntime"):
        with monkeypatch.context() as without:
            without.setitem(sys.modules, package, None)
            without.delitem(sys.modules, "rnnzoo.onnx.runner", raising=False)
            result = run(*ask)
        assert result.exit_code == 1
        assert "pip install 'rnnzoo[onnx]'" in result.output
        assert "Traceback" not in result.output
