"""Killed with -9 at random points and resumed, a run gives the very same weights."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from training.core.checkpoint import find_checkpoints
from training.core.options import to_words

pytestmark = pytest.mark.slow

SETTINGS = {
    "dataset": "tiny_reviews",
    "min_count": 1,
    "unlabelled_split": "",
    "teacher_folds": 3,
    "embedding_dim": 8,
    "units": 4,
    "batch_size": 8,
    "epochs": 6,
    "min_steps": 1,
    "warmup_steps": 5,
    "validation_fraction": 0.2,
    "checkpoint_every": 3,
    "deterministic": True,
}
SCRIPT = (
    # The set lives in the tests. Steps are slowed down, so that there is time to kill.
    "import sys, time, tests.tiny_sets\n"
    "from training import train_sentiment\n"
    "from training.core import script, steps\n"
    "train = steps.Steps.train\n"
    "def slow(self, batch):\n"
    "    time.sleep(0.05)\n"
    "    return train(self, batch)\n"
    "steps.Steps.train = slow\n"
    "script.run_script(train_sentiment.Config, train_sentiment.train, '')\n"
)


def start(folder, data, *more):
    words = ["--workdir", folder, "--data-dir", data, *to_words(SETTINGS), *more]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def newest(folder):
    names = [path.name for path in find_checkpoints(folder / "checkpoints")]
    return int(names[0].removeprefix("step-")) if names else 0


def wait_for_step(process, folder, step):
    while newest(folder) < step:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)


def test_kill_and_resume(tiny_data, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    beside = start(whole, tiny_data)
    rng = random.Random()
    steps = sorted(rng.sample(range(3, 66), 3))
    points = []
    for step in steps:
        process = start(killed, tiny_data, "--resume")
        wait_for_step(process, killed, step)
        # Somewhere in the steps that follow, or while they are saved.
        time.sleep(rng.uniform(0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        points.append(newest(killed))
        print(f"killed with -9 after the checkpoint of step {points[-1]}")
    process = start(killed, tiny_data, "--resume")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    # The last kill may have come when all steps were done.
    assert f"Going on after step {points[-1]} of 72" in output
    output, _ = beside.communicate()
    assert beside.returncode == 0, output
    expected, received = (read_result(folder) for folder in (whole, killed))
    assert expected["history"] == received["history"]
    assert expected["metrics"] == received["metrics"]
    print(f"the same {len(expected['weights'])} arrays, bit for bit")
    for name, value in expected["weights"].items():
        np.testing.assert_array_equal(value, received["weights"][name], err_msg=name)


def read_result(folder):
    import h5py

    weights = {}
    with h5py.File(folder / "preset" / "model.weights.h5") as file:
        file.visititems(
            lambda name, item: (
                weights.update({name: item[()]})
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    metrics = json.loads((folder / "metrics.json").read_text())
    lines = (folder / "history.csv").read_text().splitlines()
    return {
        "weights": weights,
        "history": [line.rpartition(",")[0] for line in lines],
        "metrics": {key: metrics[key] for key in ("validation", "test")},
    }
