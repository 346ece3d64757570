"""The command line: what is missing is named at once, and the end is told by status."""

import subprocess
import sys

import pytest

from tests.training.core.tiny_training import Config
from training.core.interruption import StoppedError
from training.core.script import run_script


def test_a_set_that_is_missing_is_named_before_tensorflow_is_imported(tmp_path):
    script = (
        "import sys\n"
        "from training import train_sentiment as door\n"
        "try:\n"
        "    door.run_script(door.Config, door.train, '')\n"
        "finally:\n"
        "    assert 'tensorflow' not in sys.modules\n"
    )
    words = ["--dataset", "imdb_reviews", "--data-dir", tmp_path]
    words += ["--workdir", tmp_path / "run"]
    result = subprocess.run(
        [sys.executable, "-c", script, *map(str, words)], capture_output=True, text=True
    )
    assert result.returncode == 1
    message = "Error: The data set 'imdb_reviews' is not prepared in any of: "
    assert result.stderr.startswith(f"{message}{tmp_path}"), result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoppedError(15, "Stopped after step 5"), 143),
        (FloatingPointError("The loss is nan"), "Error: The loss is nan"),
        (ValueError("`epochs` must be"), "Error: `epochs` must be"),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_become_a_line_and_a_status(monkeypatch, error, status):
    def train(config):
        assert config.epochs == 7
        raise error

    monkeypatch.setattr(sys, "argv", ["script", "--epochs", "7"])
    with pytest.raises(SystemExit) as caught:
        run_script(Config, train, "Trains.")
    assert caught.value.code == status
