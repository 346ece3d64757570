"""The loop: it learns, keeps the best, and goes on as if it had not stopped."""

import csv
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from tests.training.core.tiny_training import Config, make_trainer
from training.core.checkpoint import FILE, load_checkpoint
from training.core.interruption import StoppedError
from training.core.run_folder import start_run
from training.core.steps import get_values, set_values


class Killed(BaseException):
    """Stands for the end of a process: nothing is saved on the way out."""


def run(config, stop=None, **arguments):
    """Trains; with `stop` it dies, or is asked to stop, before that step."""
    start_run(config)
    trainer = make_trainer(config, **arguments)
    train = trainer.steps.train

    def train_or_stop(batch):
        if stop is not None and trainer.step == stop[0]:
            stop[1]()
        return train(batch)

    trainer.steps.train = train_or_stop
    return trainer, trainer.train()


def die():
    raise Killed


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing interrupts."""
    config = Config(workdir=tmp_path_factory.mktemp("whole"))
    return run(config)


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "step",
    # At the end of an epoch, and within one: `test_a_signal_saves…` stops there, too.
    [7, *(pytest.param(step, marks=pytest.mark.slow) for step in (1, 5, 9))],
)
def test_a_killed_run_ends_with_the_same_bits(whole, tmp_path, step):
    config = Config(workdir=tmp_path)
    with pytest.raises(Killed):
        run(config, stop=(step, die))
    trainer, outcome = run(replace(config, resume=True))
    expected, wanted = whole
    assert_same(
        get_values(trainer.steps.variables), get_values(expected.steps.variables)
    )
    strip = [{**row, "seconds": 0} for row in outcome.history]
    assert strip == [{**row, "seconds": 0} for row in wanted.history]
    assert outcome.best["epoch"] == wanted.best["epoch"]
    assert outcome.examples == 30


def test_a_signal_saves_and_says_how_to_go_on(whole, tmp_path):
    config = Config(workdir=tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(StoppedError, match="--resume") as error:
        run(config, stop=(4, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    assert error.value.signal == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
    assert "Stopped after step 5 of 14" in str(error.value)
    assert f"--workdir {tmp_path} --resume" in str(error.value)
    assert load_checkpoint(tmp_path)[1]["batch"] == 5
    trainer, _ = run(replace(config, resume=True))
    assert_same(
        get_values(trainer.steps.variables), get_values(whole[0].steps.variables)
    )


def test_a_damaged_checkpoint_is_refused(tmp_path):
    config = Config(workdir=tmp_path)
    with pytest.raises(Killed):
        run(config, stop=(4, die))
    path = tmp_path / FILE
    content = path.read_bytes()
    middle = len(content) // 2
    for damaged in (
        content[:-100],
        content[:middle] + b"damage" + content[middle + 6 :],
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=f"{FILE} is damaged"):
            run(replace(config, resume=True))


def test_a_run_goes_on_with_the_settings_it_was_started_with(tmp_path):
    config = Config(workdir=tmp_path)
    with pytest.raises(Killed):
        run(config, stop=(4, die))
    with pytest.raises(FileExistsError, match="Add --resume"):
        run(config)
    with pytest.raises(ValueError, match=r"seed=1, now 2"):
        run(replace(config, resume=True, seed=2))


def test_the_model_ends_with_the_averaged_weights_of_the_best_epoch(whole):
    trainer, outcome = whole
    losses = [row["val_loss"] for row in outcome.history]
    assert outcome.best["val_loss"] == min(losses)
    before = get_values(trainer.steps.variables)
    measured = trainer.steps.measure(trainer.validation)
    set_values(
        trainer.steps.variables, before
    )  # other tests compare what the metrics hold
    assert measured["loss"] == outcome.best["val_loss"]
    assert measured["accuracy"] == outcome.best["val_accuracy"]
    with (trainer.config.workdir / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val_loss"]) for row in rows] == losses
    assert [int(row["step"]) for row in rows] == [7, 14]


def test_a_function_can_choose_the_epoch(tmp_path):
    """The model has its averaged weights when the function is called."""
    scores = iter([0.1, 0.5, 0.3, 0.2])
    seen = []

    def evaluate():
        seen.append([v.numpy().copy() for v in trainer.model.trainable_variables])
        return {"bleu": next(scores)}

    config = Config(workdir=tmp_path, epochs=4)
    trainer = make_trainer(config, evaluate=evaluate, monitor="val_bleu", mode="max")
    outcome = trainer.train()
    assert [row["val_bleu"] for row in outcome.history] == [0.1, 0.5, 0.3, 0.2]
    assert outcome.best["epoch"] == 2
    assert_same([v.numpy() for v in trainer.model.trainable_variables], seen[1])
    averages = [v.numpy() for v in trainer.steps.averages]
    assert_same(averages, seen[3])


def test_a_run_on_few_examples_takes_its_least_number_of_steps(tmp_path, capsys):
    config = Config(workdir=tmp_path, min_steps=25)
    outcome = make_trainer(config).train()
    # Two epochs of two passes of seven steps.
    assert [row["step"] for row in outcome.history] == [14, 28]
    assert "28 steps in 2 epochs: 2 passes in each" in capsys.readouterr().out


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    config = Config(workdir=tmp_path, learning_rate=1e30, clip_norm=None)
    with pytest.raises(FloatingPointError, match=r"The loss is .* at step"):
        make_trainer(config).train()


def test_bfloat16_computes_in_half_and_keeps_weights_whole(tmp_path):
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        trainer = make_trainer(Config(workdir=tmp_path, epochs=1))
        outcome = trainer.train()
    finally:
        keras.config.set_dtype_policy(before)
    assert trainer.model.layers[2].compute_dtype == "bfloat16"
    assert all(v.dtype == "float32" for v in trainer.model.trainable_variables)
    assert np.isfinite(outcome.best["val_loss"])
