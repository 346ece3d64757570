"""TensorFlow's chatter, and when it is wanted."""

import logging
import os
import subprocess
import sys
import types

import numpy as np
import pytest

from rnnzoo.core import quiet

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# Stands for TensorFlow: talks as its C++ does, past Python's streams.
TALKATIVE = "import os\nos.write(2, b'cudart_stub: no GPU\\n')\n"


@pytest.fixture
def talkative(tmp_path, monkeypatch):
    """A folder in which a talkative `tensorflow` is found first."""
    (tmp_path / "tensorflow.py").write_text(TALKATIVE)
    (tmp_path / "keras.py").write_text("import tensorflow\nraise ImportError('enough')")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    return {**os.environ, "PYTHONPATH": path}


def stderr_of(environment, script, level=None):
    environment = {k: v for k, v in environment.items() if k != LEVEL}
    if level is not None:
        environment[LEVEL] = level
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    return done.stderr


@pytest.mark.parametrize(
    ("level", "is_shown"), [(None, False), ("3", False), ("0", True), ("1", True)]
)
def test_a_model_is_imported_in_silence_unless_a_user_wants_to_hear(
    talkative, level, is_shown
):
    script = (
        "import sys, rnnzoo\n"
        "try:\n    rnnzoo.Translator\nexcept ImportError as error:\n"
        "    assert str(error) == 'enough' and 'tensorflow' in sys.modules\n"
    )
    shown = stderr_of(talkative, script, level)
    assert ("no GPU" in shown) is is_shown, shown


def test_a_list_of_presets_needs_no_tensorflow(talkative):
    script = (
        "import sys, rnnzoo\nassert rnnzoo.list_presets()\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    assert stderr_of(talkative, script, "0") == ""


def test_the_level_that_jax_sets_is_no_users(monkeypatch):
    monkeypatch.setenv(LEVEL, "1")
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    assert quiet._is_level_set()
    monkeypatch.setitem(sys.modules, "jax", types.ModuleType("jax"))
    assert not quiet._is_level_set()


def test_layers_of_many_kinds_raise_no_alarm(caplog):
    """TensorFlow takes the traces of different layers for a leak."""
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("TensorFlow's own warning")
    from rnnzoo.layers import Elman

    caplog.set_level(logging.WARNING, "tensorflow")
    kinds = ("tanh", "relu", "linear", "sigmoid")
    for i, kind in enumerate(kinds * 2):
        mask = np.ones((2, 3), bool) if i >= len(kinds) else None
        Elman(2 + i, activation=kind)(np.ones((2, 3, 4), "float32"), mask=mask)
    assert "retracing" not in caplog.text
    logging.getLogger("tensorflow").warning("something else about retracing")
    assert "something else" in caplog.text
