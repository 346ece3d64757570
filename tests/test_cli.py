"""The command line, as a user types it."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rnnzoo.cli import main


def run(*arguments, **kwargs):
    return CliRunner().invoke(main, [str(a) for a in arguments], **kwargs)


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
    result = run("--help")
    assert result.exit_code == 0
    assert 'rnnzoo predict sentiment_imdb_en "What a film!"' in result.output


def test_list_shows_the_presets():
    result = run("list")
    assert result.exit_code == 0
    header, *rows = result.output.splitlines()
    assert header.split() == ["preset", "task", "params", "MB", "metric", "licence"]
    assert any(r.startswith("sentiment_imdb_en ") and "accuracy 0." in r for r in rows)
    assert all(len(row) <= 100 for row in (header, *rows))
    known = json.loads(run("list", "--json").output)
    assert [preset["name"] for preset in known] == [row.split()[0] for row in rows]
    assert all(preset["evaluations"][0]["dataset"] for preset in known)


def test_demo_answers_every_example():
    result = run("demo")
    assert result.exit_code == 0, result.output
    assert "sentiment_imdb_en" in result.output
    assert result.output.count("positive") + result.output.count("negative") >= 5
    for digit, name in (("3", "three_white_on_black.png"), ("5", "five_thin.png")):
        rows = [line for line in result.output.splitlines() if line.endswith(name)]
        assert len(rows) == 2
        assert all(row.startswith(f"  {digit} ") for row in rows), rows


def test_predict_arguments_file_and_stdin_agree(preset_folder, tmp_path):
    texts = ["a good film", "dull"]
    (tmp_path / "texts.txt").write_text("\n".join(texts) + "\n")
    answers = [
        run("predict", preset_folder, *texts),
        run("predict", preset_folder, "--file", tmp_path / "texts.txt"),
        run("predict", preset_folder, input="\r\n".join(texts) + "\n"),
    ]
    for answer in answers:
        assert answer.exit_code == 0, answer.output
        assert answer.output == answers[0].output
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
        run("predict", tmp_path / "preset", path),
        run("predict", tmp_path / "preset", input=f"{path}\n"),
    ):
        assert result.exit_code == 0, result.output
        assert result.output.startswith(expected)
        assert result.output.endswith(f"  {path}\n")
    path.write_bytes(b"GIF89a")
    result = run("predict", tmp_path / "preset", path)
    assert result.exit_code == 1
    assert f"Received: inputs[0], {path}, begins with b'GIF89a'" in result.output


def test_predict_json(preset_folder):
    result = run("predict", preset_folder, "--json", "--top", 2, "fine", "bad")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [[a["label"] for a in sorted(row, key=str)] for row in rows] == [
        ["negative", "positive"]
    ] * 2


def test_export(preset_folder, tmp_path):
    result = run("export", preset_folder, tmp_path / "models", "--version", 7)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "models" / "tiny" / "7" / "saved_model.pb").is_file()
    again = run("export", preset_folder, tmp_path / "models", "--version", 7)
    assert again.exit_code == 1
    assert "is there already" in again.output
    other = run("export", preset_folder, tmp_path / "lite", "--format", "litert")
    assert other.output == f"{tmp_path / 'lite' / 'tiny' / '1'}\n"
    assert (tmp_path / "lite" / "tiny" / "1" / "model.tflite").is_file()


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
        (["serve", "/no/such"], 2, "does not exist"),
        (["serve", ".", "--max-batch-size", "0"], 2, "0 is not in the range"),
    ],
)
def test_errors_are_one_line_with_the_right_code(arguments, code, message):
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.output
    assert "Traceback" not in result.output


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
