"""What surrounds a training: the folder, and what was prepared for it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.core.tiny_training import Config
from training.core.run_folder import start_run
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
