"""A preset says how it was made, and is made again."""

import json

import pytest
from click.testing import CliRunner

from training.reproduce import describe, main


def test_the_recipe_of_a_published_preset_is_printed():
    result = CliRunner().invoke(main, ["sentiment_imdb_en", "--dry-run"])
    assert result.exit_code == 0, result.output
    lines = dict(line.split(maxsplit=1) for line in result.output.splitlines())
    assert lines["command"] == "python -m training.train_sentiment --seed 2"
    assert lines["data"] == "imdb_reviews 1.0.0"
    assert lines["seed"] == "2"
    assert lines["expected"] == "accuracy 0.9045 on the test split"


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
    folder.mkdir(exist_ok=True)
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
