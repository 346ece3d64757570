"""A preset says how it was made, and is made again."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from training.reproduce import compare, describe, main


def test_the_recipe_of_a_published_preset_is_printed():
    result = CliRunner().invoke(main, ["sentiment_en", "--dry-run"])
    assert result.exit_code == 0, result.output
    lines = dict(line.split(maxsplit=1) for line in result.output.splitlines())
    assert lines["first"] == "python -m training.train_language_model --epochs 1"
    script, *options = lines["command"].split(" --")
    assert script == "python -m training.train_sentiment"
    assert "second-dataset glue/sst2" in options
    assert lines["data"] == "imdb_reviews 1.0.0"
    assert lines["seed"] == "1"
    assert lines["expected"] == (
        "accuracy 0.9047, expected_calibration_error 0.0268 on the test split"
    )


def test_it_is_run_with_its_settings_and_compared(tmp_path, monkeypatch, tiny_data):
    ran = []

    def run(command):
        ran.append(command)
        folder = tmp_path / "again"
        folder.mkdir()
        (folder / "metrics.json").write_text('{"test": {"accuracy": 0.75}}')
        return type("Result", (), {"returncode": 0})

    monkeypatch.setattr("training.reproduce.subprocess.run", run)
    folder = make_preset(tmp_path)
    options = ["--workdir", str(tmp_path / "again"), "--data-dir", str(tiny_data)]
    result = CliRunner().invoke(main, [str(folder), *options])
    assert result.exit_code == 0, result.output
    assert ran[0][1:] == [
        *("-m", "training.train_sentiment", "--units", "4"),
        *("--workdir", str(tmp_path / "again"), "--resume"),
        *("--data-dir", str(tiny_data)),
    ]
    assert "accuracy: 0.7500, expected 0.5000, difference +0.2500" in result.output


def test_a_run_that_measured_less_says_so(tmp_path):
    test = {"examples": 2500, "perplexity": 90.25}
    (tmp_path / "metrics.json").write_text(json.dumps({"test": test}))
    lines = compare({"perplexity": 90.0}, tmp_path, 25000)
    assert lines[0] == "perplexity: 90.2500, expected 90.0000, difference +0.2500"
    assert "The run measured 2,500 examples, the preset 25,000" in lines[1]
    assert compare({"perplexity": 90.0}, tmp_path, 2500) == lines[:1]


def test_a_language_model_comes_first(tmp_path, monkeypatch, tiny_data):
    ran = []

    def run(command):
        ran.append(command[3:])
        folder = tmp_path / "again"
        folder.mkdir(exist_ok=True)
        (folder / "metrics.json").write_text('{"test": {"accuracy": 0.75}}')
        return type("Result", (), {"returncode": 0})

    monkeypatch.setattr("training.reproduce.subprocess.run", run)
    first = "python -m training.train_language_model --epochs 2"
    folder = make_preset(tmp_path, grown_from=first)
    options = ["--workdir", str(tmp_path / "again"), "--data-dir", str(tiny_data)]
    result = CliRunner().invoke(main, [str(folder), *options])
    assert result.exit_code == 0, result.output
    assert f"first     {first}" in result.output
    language_model, classifier = ran
    grown = str(tmp_path / "again-language-model")
    assert language_model[:4] == ["--epochs", "2", "--workdir", grown]
    assert classifier[:4] == ["--units", "4", "--language-model", grown]
    with pytest.raises(ValueError, match="Received: 'rm -rf /'"):
        describe(make_preset(tmp_path / "bad", grown_from="rm -rf /"))


def test_judges_come_before_what_they_judge(tmp_path, monkeypatch, tiny_data):
    ran = []

    def run(command):
        ran.append(command[3:])
        folder = Path(command[command.index("--workdir") + 1])
        folder.mkdir()
        (folder / "metrics.json").write_text('{"test": {"accuracy": 0.75}}')
        return type("Result", (), {"returncode": 0})

    monkeypatch.setattr("training.reproduce.subprocess.run", run)
    script = "python -m training.train_sentiment"
    folder = make_preset(
        tmp_path,
        grown_from="python -m training.train_language_model",
        judged_by=[f"{script} --units 3"],
        training={
            "command": f"{script} --own-models runs/a runs/b --units 4",
            "seed": 1,
            "minutes": 0.1,
            "environment": {"cores": 2},
        },
    )
    options = ["--workdir", str(tmp_path / "again"), "--data-dir", str(tiny_data)]
    result = CliRunner().invoke(main, [str(folder), *options])
    assert result.exit_code == 0, result.output
    assert f"judge     {script} --units 3" in result.output
    start = ["--language-model", str(tmp_path / "again-language-model")]
    judge = str(tmp_path / "again-judge-1")
    _, second, third = ran
    assert second[:6] == ["--units", "3", *start, "--workdir", judge]
    assert third[:6] == ["--units", "4", "--own-models", judge, *start]
    with pytest.raises(ValueError, match="Received: 'rm -rf /'"):
        describe(make_preset(tmp_path / "bad", judged_by=["rm -rf /"]))


def test_what_a_preset_starts_from_comes_before_it(tmp_path, monkeypatch, tiny_data):
    ran = []

    def run(command):
        ran.append(command[3:])
        folder = Path(command[command.index("--workdir") + 1])
        folder.mkdir()
        (folder / "metrics.json").write_text('{"test": {"accuracy": 0.75}}')
        return type("Result", (), {"returncode": 0})

    monkeypatch.setattr("training.reproduce.subprocess.run", run)
    script = "python -m training.train_sentiment"
    folder = make_preset(
        tmp_path,
        started_from={
            "command": f"{script} --units 3",
            "grown_from": "python -m training.train_language_model",
        },
        training={
            "command": f"{script} --start-from sentiment_imdb_en --units 4",
            "seed": 1,
            "minutes": 0.1,
            "environment": {"cores": 2},
        },
    )
    options = ["--workdir", str(tmp_path / "again"), "--data-dir", str(tiny_data)]
    result = CliRunner().invoke(main, [str(folder), *options])
    assert result.exit_code == 0, result.output
    assert f"start     {script} --units 3" in result.output
    language_model = str(tmp_path / "again-language-model")
    started = tmp_path / "again-start"
    _, second, third = ran
    assert second[:6] == [
        *["--units", "3", "--language-model", language_model],
        *["--workdir", str(started)],
    ]
    assert third[:4] == ["--units", "4", "--start-from", str(started / "preset")]
    with pytest.raises(ValueError, match="Received: 'rm -rf /'"):
        describe(make_preset(tmp_path / "bad", started_from={"command": "rm -rf /"}))


def make_preset(folder, **changes):
    metadata = {
        "dataset": {"name": "tiny_reviews", "version": "1.0.0"},
        "evaluations": [{"metrics": {"accuracy": 0.5}}],
        "training": {
            "command": "python -m training.train_sentiment --units 4",
            "seed": 1,
            "minutes": 0.1,
            "environment": {"cores": 2},
        },
    }
    folder = folder / "preset"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "metadata.json").write_text(json.dumps({**metadata, **changes}))
    return folder


def test_other_data_and_other_commands_are_refused(tmp_path, tiny_data):
    other = {"name": "tiny_reviews", "version": "2.0.0"}
    folder = make_preset(tmp_path, dataset=other)
    result = CliRunner().invoke(main, [str(folder), "--data-dir", str(tiny_data)])
    assert result.exit_code == 1
    assert "trained on tiny_reviews 2.0.0. Received: version 1.0.0" in result.output
    training = {
        "command": "python -m os",
        "seed": 1,
        "minutes": 0,
        "environment": {"cores": 1},
    }
    folder = make_preset(tmp_path, training=training)
    with pytest.raises(ValueError, match="Received: 'python -m os'"):
        describe(folder)
    folder = make_preset(tmp_path, training={})
    with pytest.raises(ValueError, match="does not say how it was made"):
        describe(folder)
