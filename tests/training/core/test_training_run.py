"""What surrounds a training: the folder, and what was prepared for it."""

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.training.core.tiny_training import Config
from training.core.diagnostics import Baseline
from training.core.reporting import describe_epoch
from training.core.run_folder import start_run
from training.core.trainer import Outcome
from training.core.training_run import TrainingRun


def prepare(config, value):
    start_run(config)
    run = TrainingRun(config, None)
    return run.cached("numbers", lambda: {"n": np.array([value])})["n"]


def test_what_was_prepared_is_used_by_the_same_run_alone(tmp_path):
    config = Config(workdir=tmp_path)
    assert prepare(config, 1) == 1
    assert prepare(replace(config, resume=True), 2) == 1
    # Started anew, perhaps with other settings, it prepares anew.
    assert prepare(replace(config, seed=3), 3) == 3
    with pytest.raises(ValueError, match="seed=3, now 4"):
        prepare(replace(config, seed=4, resume=True), 4)


def test_figures_and_times_of_a_run_are_for_people(tmp_path, capsys):
    """Time is that of the clock, up to the end of all measuring."""
    config = Config(workdir=tmp_path, cell="gru")
    start_run(config)
    network = SimpleNamespace(save_weights=lambda path: None)
    best = {"epoch": 1, "val_loss": 2.308e-12, "val_accuracy": 0.8}
    ended = time.monotonic() - 90
    metrics = TrainingRun(config, SimpleNamespace(version="1.0.0")).finish(
        SimpleNamespace(network=lambda: network),
        Outcome(best, [], 30.0, 1234, ended),
        validation_examples=1234,
        test={"examples": 40, "accuracy": 0.25},
        dataset={},
        write_card=lambda folder: None,
        baseline=Baseline("the most frequent class", "accuracy", 0.5),
    )
    assert metrics["minutes"] == 2.0
    first, second, third, fourth, warning = capsys.readouterr().out.splitlines()
    assert first == "validation: examples 1,234, loss 0, accuracy 0.8000, epoch 1"
    assert second == "test: examples 40, accuracy 0.2500"
    assert third == "the most frequent class: accuracy 0.5000"
    assert fourth == f"2.0 min, written to {tmp_path}"
    assert warning == f"Warning: {metrics['warning']}"


def test_a_line_of_progress_is_rounded():
    row = {"epoch": 1, "loss": 2.308e-12, "val_bleu": 38.7449, "seconds": 3.0}
    assert describe_epoch(1, 2, row) == "epoch 1/2: loss 0, val_bleu 38.74"
