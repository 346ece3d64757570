"""The loop: it learns, keeps the best, and goes on as if it had not stopped."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.tiny_training import Config, make_trainer
from training.run_folder import start_run


class Killed(BaseException):
    """Stands for the end of a process: nothing is saved on the way out."""


def run(config, stop=None, **arguments):
    """Trains; with `stop` it dies, or is asked to stop, before that step."""
    start_run(config.workdir, config)
    trainer = make_trainer(config, **arguments)
    train = trainer.steps.train

    def train_or_stop(batch):
        if stop is not None and trainer.step == stop[0]:
            stop[1]()
        return train(batch)

    trainer.steps.train = train_or_stop
    return trainer, trainer.run()


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


@pytest.mark.parametrize("step", [1, 5, 7, 9])
def test_a_killed_run_ends_with_the_same_bits(whole, tmp_path, step):
    config = Config(workdir=tmp_path)
    with pytest.raises(Killed):
        run(config, stop=(step, die))
    trainer, outcome = run(replace(config, resume=True))
    expected, wanted = whole
    assert_same(trainer.steps.get_all(), expected.steps.get_all())
    strip = [{**row, "seconds": 0} for row in outcome.history]
    assert strip == [{**row, "seconds": 0} for row in wanted.history]
    assert outcome.best["epoch"] == wanted.best["epoch"]
