"""Settings: from the command line, from the folder of a run, and refused by name."""

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
from training.core.config import make_config
from training.core.options import MAIN, parse_options
from training.train_sentiment import Config


def read(*args):
    return make_config(Config, parse_options(Config, "prog", "", list(map(str, args))))


def test_a_run_is_resumed_with_its_settings(tmp_path):
    config = Config(
        workdir=tmp_path,
        data_dir=(Path("one"), Path("two")),
        limit_train=7,
        learning_rate=1e-4,
        cell="gru",
    )
    (tmp_path / "config.json").write_text(json.dumps(config.to_json()))
    config.resume = True
    assert read(*config.resume_command().split()[3:]) == config
    # The command line wins.
    words = ["--resume", "--workdir", tmp_path, "--epochs", 9, "--set", "cell=lstm"]
    assert read(*words) == replace(config, epochs=9, cell="lstm")
    assert read("--workdir", tmp_path) == Config(workdir=tmp_path)


def test_the_command_names_what_differs_and_no_folders():
    config = Config(workdir=Path("here"), seed=2, recurrence=False, clip_norm=None)
    command = config.command()
    assert command == (
        "python -m training.train_sentiment --seed 2 --set clip_norm=None "
        "--set recurrence=False"
    )
    assert read(*command.split()[3:]) == replace(config, workdir=Config().workdir)
    command = replace(config, recipe="sentiment_en").command()
    assert command == "python -m training.train_sentiment --recipe sentiment_en"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "units=many"], "`units` must be of type int. Received: 'many'"),
        (["--set", "cell=rnn"], "`cell` must be of type .*Literal.*Received: 'rnn'"),
        (["--set", "word_dropuot=1"], "Did you mean `word_dropout`"),
        (["--set", "units"], "followed by NAME=VALUE. Received: units"),
        (["--units", "3"], "write --set units=VALUE"),
    ],
)
def test_other_types_and_names_are_refused(words, message):
    with pytest.raises(ValueError, match=message):
        read(*words)


def test_values_have_the_types_of_their_settings():
    words = ["units=3", "recurrence=false", "text=body", "beta_2=0.9", "epochs=2"]
    config = read(*(word for value in words for word in ("--set", value)))
    assert config == Config(
        units=3, recurrence=False, text="body", beta_2=0.9, epochs=2
    )
    words = ["--set", "units=8,6", "--set", "image_size=None"]
    given = parse_options(train_image_classifier.Config, "prog", "", words)
    assert given == {"units": (8, 6), "image_size": None}


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
def test_help_shows_few_options_and_help_all_the_others(script, capsys):
    def print_help(option):
        with pytest.raises(SystemExit) as caught:
            parse_options(script.Config, "prog", "Trains.", [option])
        assert caught.value.code == 0
        return capsys.readouterr().out

    printed = print_help("--help")
    options = re.findall(r"^[│ ] (?:-h, )?--([a-z][a-z0-9-]*)", printed, re.MULTILINE)
    expected = [name.replace("_", "-") for name in MAIN]
    assert options == ["help", *expected, "set", "help-all"]
    assert len(options) <= 18
    rest = print_help("--help-all")
    names = re.findall(r"^(\w+)=", rest, re.MULTILINE)
    assert {*names, *MAIN} == {part.name for part in fields(script.Config)}
    # Each has its documentation below it.
    assert len(re.findall(r"^\w+=.*\n    \S", rest, re.MULTILINE)) == len(names)
