"""Settings: from the command line, from a file, and refused by name."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from training import (
    train_captioner,
    train_image_classifier,
    train_language_model,
    train_sentiment,
    train_translator,
)
from training.core.config import read_config
from training.train_sentiment import Config


def read(*args):
    return read_config(Config, "Trains.", list(map(str, args)))


def test_a_saved_configuration_is_read_back(tmp_path):
    config = Config(
        workdir=tmp_path,
        data_dir=(Path("one"), Path("two")),
        limit_train=7,
        learning_rate=1e-4,
        deterministic=True,
        cell="gru",
    )
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config.to_json()))
    assert read("--config", path) == config
    # The command line wins, wherever it stands.
    expected = replace(config, epochs=9, cell="lstm", deterministic=False)
    words = ["--epochs", 9, "--config", path, "--cell", "lstm", "--no-deterministic"]
    assert read(*words) == expected
    words = config.resume_command().split()[3:]
    assert read(*words) == replace(config, resume=True)


def test_the_command_names_what_differs_and_no_folders():
    config = Config(workdir=Path("here"), seed=2, recurrence=False, clip_norm=None)
    command = config.command()
    assert command == (
        "python -m training.train_sentiment --seed 2 --clip-norm None --no-recurrence"
    )
    assert read(*command.split()[3:]) == replace(config, workdir=Config().workdir)


@pytest.mark.parametrize(
    ("content", "message"),
    [("[1]", "must hold a JSON object"), ("{", "is not JSON"), (None, "no file")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, message):
    path = tmp_path / "config.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises((OSError, ValueError), match=message):
        read("--config", path)


@pytest.mark.parametrize("settings", [{"units": "many"}, {"nonsense": 1}])
def test_other_types_and_names_are_refused(tmp_path, settings, capsys):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(settings))
    with pytest.raises(SystemExit):
        read("--config", path)
    assert next(iter(settings)) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"limit_train": 0}, "limit_train=0"),
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
        ({"ema_momentum": 1.0}, "ema_momentum=1.0"),
    ],
)
def test_settings_out_of_range_are_named(changes, message):
    with pytest.raises(ValueError, match=f"Received: {message}"):
        Config(**changes).check()


def test_smoke_settings_keep_what_the_user_chose():
    config = Config(smoke=True, workdir=Path("mine"), cell="gru").shrink()
    assert (config.workdir, config.cell, config.epochs) == (Path("mine"), "gru", 1)
    assert config.shrink() == config
    assert Config(smoke=True).shrink().workdir == Path("build/smoke/train_sentiment")


SCRIPTS = [
    train_captioner,
    train_image_classifier,
    train_language_model,
    train_sentiment,
    train_translator,
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_help_groups_the_options_and_begins_with_what_matters(script, capsys):
    with pytest.raises(SystemExit) as caught:
        read_config(script.Config, "Trains.", ["--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    titles = re.findall(r"^(?:╭─)? (\w+) options", printed, re.MULTILINE)
    assert titles == ["main", "data", "recipe", "course", "machine"]
    options = re.findall(r"^[│ ] --([a-z][a-z0-9-]*)", printed, re.MULTILINE)
    assert len(options) == len(fields(script.Config)) == len(set(options))
    assert options[:10] == [
        *("dataset", "data-dir", "workdir", "resume", "smoke", "limit-train"),
        *("epochs", "batch-size", "learning-rate", "seed"),
    ]
    texts = " ".join(re.sub(r"[│\n]", " ", printed).split())
    assert "Highest rate, reached after the warm-up" in texts
    assert texts.count("(default: ") == len(options)


def test_the_settings_of_a_group_are_named_as_ever():
    config = read("--units", 3, "--no-recurrence", "--text", "body", "--beta-2", 0.9)
    assert config == Config(units=3, recurrence=False, text="body", beta_2=0.9)
