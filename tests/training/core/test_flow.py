"""`gradient_flow`: norms in the history, a line, a warning; and the same weights."""

import csv

import numpy as np
import pytest

from tests.training.core.test_trainer import run
from tests.training.core.tiny_training import Config


def test_norms_go_into_the_history_and_change_nothing(tmp_path, capsys):
    _, watched = run(Config(workdir=tmp_path / "watched", gradient_flow=True))
    printed = capsys.readouterr().out
    trainer, plain = run(Config(workdir=tmp_path / "plain"))
    assert watched.best["val_loss"] == plain.best["val_loss"]
    assert not [key for key in plain.history[0] if key.startswith("flow_")]
    with (tmp_path / "watched" / "history.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == 2
    for row in rows:
        norms = [float(v) for k, v in row.items() if k.startswith("flow_elman")]
        assert len(norms) == 2
        assert max(norms) > 0  # of what the maximum passed over it is none
    assert "gradient, last steps → first: elman" in printed
    assert trainer.flow is None


def test_a_gradient_that_vanishes_is_warned_of(tmp_path, capsys):
    import keras

    from rnnzoo.layers import Elman

    def forgetful():
        inputs = keras.Input((None, 3))
        layer = Elman(5, recurrent_initializer="zeros", name="forgetful")
        return keras.Model(inputs, keras.layers.Dense(2, "softmax")(layer(inputs)))

    run(
        Config(workdir=tmp_path, epochs=1, learning_rate=1e-9, gradient_flow=True),
        model=forgetful(),
    )
    printed = capsys.readouterr().out
    assert "Warning: The gradient through the states of forgetful vanishes" in printed
    assert "orthogonal or identity start" in printed


def test_gates_cannot_be_followed():
    with pytest.raises(ValueError, match="cell='gru'"):
        Config(gradient_flow=True, cell="gru").check()
    assert np.isfinite(Config().learning_rate)
