"""The command line, as a user types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rnnzoo.cli import main
from rnnzoo.cli.demo import PRESETS

ROOT = Path(__file__).parents[2]


def run(*arguments, **kwargs):
    return CliRunner().invoke(main, [str(a) for a in arguments], **kwargs)


def succeed(*arguments, **kwargs):
    result = run(*arguments, **kwargs)
    assert result.exit_code == 0, result.output
    return result


def test_help_teaches_and_imports_nothing_heavy():
    for command in ([], ["list"], ["predict", "--help"], ["serve", "--help"]):
        script = (
            "import sys\nfrom rnnzoo.cli import main\n"
            f"try:\n    main({command})\nexcept SystemExit:\n    pass\n"
            "heavy = {'keras', 'tensorflow', 'numpy', 'tensorflow_datasets'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    result = succeed("--help")
    assert 'rnnzoo predict sentiment_en "What a film!"' in result.output


def test_list_shows_the_presets():
    result = succeed("list")
    header, *rows = result.output.splitlines()
    assert header.split() == ["preset", "task", "params", "MB", "metric", "licence"]
    assert any(r.startswith("sentiment_en ") and "accuracy 0." in r for r in rows)
    assert all(len(row) <= 100 for row in (header, *rows))
    known = json.loads(run("list", "--json").output)
    assert [preset["name"] for preset in known] == [row.split()[0] for row in rows]
    assert all(preset["evaluations"][0]["dataset"] for preset in known)


def test_demo_shows_one_of_each_kind():
    result = succeed("demo")
    titles = [row for row in result.output.splitlines() if row[:1].isalpha()]
    assert [title.partition(":")[0] for title in titles] == list(PRESETS)
    # Each model once, the image classifier by its better way to read.
    assert len({title.partition(":")[2] for title in titles}) == len(titles)


@pytest.mark.slow
def test_demo_answers_every_example():
    result = succeed("demo", "--all")
    assert "sentiment_en" in result.output
    assert result.output.count("positive") + result.output.count("negative") >= 5
    for digit, name in (("3", "three_white_on_black.png"), ("5", "five_thin.png")):
        rows = [line for line in result.output.splitlines() if line.endswith(name)]
        assert len(rows) == 2
        assert all(row.startswith(f"  {digit} ") for row in rows), rows


def test_demo_draws_the_same_each_time(tmp_path, monkeypatch):
    from rnnzoo import LanguageModelPreprocessor
    from tests.tiny_language_model import make_language_model

    monkeypatch.setattr("zoo_models.core.presets.PRESETS_FOLDER", tmp_path)
    model = make_language_model()
    vocabulary = model.preprocessor.vocabulary
    model.preprocessor = LanguageModelPreprocessor(vocabulary, max_length=60)
    bias = model.words.embed.bias
    bias.assign([-30.0 if token == "[END]" else 0.0 for token in vocabulary.tokens])
    figures = {"dataset": "texts:1.0.0", "metrics": {"perplexity": 83.25}}
    metadata = {"licence": "mine", "evaluations": [figures], "examples": ["a", "the"]}
    model.save_to_preset(tmp_path / "writer", metadata)
    first, second = succeed("demo", "--all"), succeed("demo", "--all")
    assert first.output == second.output
    title, *lines = first.output.splitlines()
    assert title.startswith("writer: continuation of a text")
    assert [line for line in lines if line[:4].strip()] == ["  a", "  the"]
    assert all(len(line) <= 88 for line in lines)
    # 40 words and marks; there is no end before.
    written = " ".join(lines[1 : lines.index("  the")])
    assert model.preprocessor([written]).shape == (1, 41)
    drawn = {run("predict", "writer", "a").output for _ in range(2)}
    assert len(drawn) == 2
    assert "perplexity 83.25" in run("list").output


def test_predict_arguments_file_and_stdin_agree(preset_folder, tmp_path):
    texts = ["a good film", "dull"]
    (tmp_path / "texts.txt").write_text("\n".join(texts) + "\n")
    answers = [
        succeed("predict", preset_folder, *texts),
        succeed("predict", preset_folder, "--file", tmp_path / "texts.txt"),
        succeed("predict", preset_folder, input="\r\n".join(texts) + "\n"),
    ]
    assert len({answer.output for answer in answers}) == 1
    assert answers[0].output.splitlines()[0].endswith("  a good film")


def test_predict_takes_paths_of_images(tmp_path):
    from rnnzoo import ImageClassifier
    from tests.images.test_pixels import encode
    from training.image_classifier.drawn_digits import DRAWINGS

    model = ImageClassifier((8, 8, 1), 3, units=[4])
    model.save_to_preset(tmp_path / "preset")
    path = tmp_path / "digit.png"
    path.write_bytes(encode(DRAWINGS[0].draw(), "PNG"))
    expected = f"{model.classify(path)['label']} "
    for result in (
        succeed("predict", tmp_path / "preset", path),
        succeed("predict", tmp_path / "preset", input=f"{path}\n"),
    ):
        assert result.output.startswith(expected)
        assert result.output.endswith(f"  {path}\n")
    path.write_bytes(b"BM6")
    result = run("predict", tmp_path / "preset", path)
    assert result.exit_code == 1
    assert f"Received: inputs[0], {path}, begins with b'BM6'" in result.output


def test_predict_json(preset_folder):
    result = run("predict", preset_folder, "--json", "--top", 2, "fine", "bad")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [[a["label"] for a in sorted(row, key=str)] for row in rows] == [
        ["negative", "positive"]
    ] * 2


def test_predict_marks_what_the_model_does_not_know(classifier, tmp_path):
    texts = ["a good film", "the film", "a bad film", "the dull film"]
    classifier.calibrate(texts * 5, verbose=0)
    classifier.save_to_preset(tmp_path / "tiny")
    result = succeed("predict", tmp_path / "tiny", "a good film", "xqz", "")
    assert len(result.stdout.splitlines()) == 3
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("  ? unsure, confidence 0.0")
        assert line.endswith(": it knows none of the words")
    result = run("predict", tmp_path / "tiny", "--json", "a good film", "xqz")
    known, foreign = (json.loads(line) for line in result.stdout.splitlines())
    assert known["confidence"] > 0.5 > foreign["confidence"]
    assert "warning" not in known
    assert foreign["warning"] == "it knows none of the words"


def test_export(preset_folder, tmp_path):
    succeed("export", preset_folder, tmp_path / "models", "--version", 7)
    assert (tmp_path / "models" / "tiny" / "7" / "saved_model.pb").is_file()
    again = run("export", preset_folder, tmp_path / "models", "--version", 7)
    assert again.exit_code == 1
    assert "is there already" in again.output
    other = run("export", preset_folder, tmp_path / "lite", "--format", "litert")
    assert other.output == f"{tmp_path / 'lite' / 'tiny' / '1'}\n"
    assert (tmp_path / "lite" / "tiny" / "1" / "model.tflite").is_file()
    light = run("export", preset_folder, tmp_path / "light", "--format", "onnx")
    assert light.output == f"{tmp_path / 'light' / 'tiny' / '1'}\n"
    assert (tmp_path / "light" / "tiny" / "1" / "model.onnx").is_file()


def test_serve_exports_a_preset_and_serves_it(preset_folder, tmp_path, monkeypatch):
    from rnnzoo.serving.server import Server

    served = []

    def serve(self):
        assert (self._base / "tiny" / "1" / "saved_model.pb").is_file()
        served.append(self._base)

    monkeypatch.setattr(Server, "run", serve)
    monkeypatch.setattr("rnnzoo.serving.log_to_stderr", lambda: None)
    succeed("serve", preset_folder)
    assert preset_folder not in served[0].parents
    assert not served[0].exists()  # gone with the server


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["predict", "nonsense", "a"], 1, "Received: 'nonsense'"),
        (["evaluate", "nonsense"], 1, "Received: 'nonsense'"),
        (["export", "nonsense", "x"], 1, "Received: 'nonsense'"),
        (["predict"], 2, "Missing argument 'PRESET'"),
        (["predict", "x", "--top", "0", "a"], 2, "0 is not in the range"),
        (["predict", "x", "--file", "/no/such", "a"], 2, "No such file"),
        (["nonsense"], 2, "No such command"),
        (["export", "x", "y", "--version", "0"], 2, "0 is not in the range"),
        (["serve", "/no/such"], 1, "Received: '/no/such'"),
        (["serve", ".", "--max-batch-size", "0"], 2, "0 is not in the range"),
    ],
)
def test_errors_are_one_line_with_the_right_code(arguments, code, message):
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.output
    assert "Traceback" not in result.output


def test_train_shows_and_runs_the_scripts(tmp_path):
    names = ["captioner", "image_classifier", "sentiment", "translator"]
    assert set(names) <= set(run("train").output.split())
    for cwd, program in (
        (ROOT, "python -m training.train_"),
        (tmp_path, "rnnzoo train "),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rnnzoo", "train", "sentiment", "--help"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=cwd,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(f"usage: {program}sentiment ")
        assert "--limit-train" in done.stdout


def test_scripts_that_are_missing_are_named(tmp_path):
    from rnnzoo.cli.train import find_scripts

    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "train_sentiment.py").touch()  # somebody else's
    with pytest.raises(FileNotFoundError, match=r"pip install .* 'rnnzoo\[train\]'"):
        find_scripts(tmp_path)
    result = run("train", "nonsense")
    assert result.exit_code == 1
    assert "Received: 'nonsense'" in result.output


def test_evaluate_names_what_is_missing(preset_folder):
    result = run("evaluate", preset_folder)
    assert result.exit_code == 1
    assert "does not say what it was trained on" in result.output


def test_tensorflow_keeps_silent(preset_folder, monkeypatch):
    # JAX sets it where it is installed; a user who sets it wants the messages.
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    done = subprocess.run(
        [sys.executable, "-m", "rnnzoo", "predict", preset_folder, "a film"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_explain_writes_a_picture_and_numbers(preset_folder, tmp_path):
    picture = tmp_path / "picture.svg"
    result = succeed("explain", preset_folder, "a good film", "--output", picture)
    first, *words = result.output.splitlines()
    assert "probability 0." in first
    assert sorted(line.split()[1] for line in words) == ["[END]", "a", "film", "good"]
    assert "<svg" in picture.read_text()
    known = json.loads(run("explain", preset_folder, "a film", "--json").output)
    assert known["parts"][0]["kind"] == "Evidence"
