"""How far back an input counts, in networks that forget at a known age."""

import numpy as np
import pytest

from rnnzoo.analysis import Recurrence, States, memory_horizon, state_horizon


def window(size):
    """A network whose output is the sum of the last `size` inputs."""
    return lambda inputs, rows: inputs[:, -size:].sum(axis=1)


def test_a_window_is_found():
    inputs = np.random.default_rng(0).normal(size=(4, 12, 2))
    found = memory_horizon(window(5), inputs)
    assert (found.horizon, found.is_bounded, found.examples) == (4, True, 4)
    # Of the end, two inputs are left alone: lag 0 is the third from the end.
    assert memory_horizon(window(5), inputs, end=2).horizon == 2


def test_what_never_fades_is_said_to_have_no_end():
    inputs = np.random.default_rng(0).normal(size=(3, 8, 1))
    found = memory_horizon(window(8), inputs, lags=range(6))
    assert (found.horizon, found.is_bounded) == (5, False)


def test_examples_that_agree_in_a_step_say_nothing_of_it():
    inputs = np.zeros((2, 4, 1))
    inputs[0, 1] = 1.0
    assert memory_horizon(window(4), inputs).lags == (2,)
    with pytest.raises(ValueError, match="must differ in a step"):
        memory_horizon(window(4), np.zeros((2, 4, 1)))
    with pytest.raises(ValueError, match="Received: 1"):
        memory_horizon(window(4), inputs[:1])


@pytest.mark.parametrize("decay", [0.5, 0.8])
def test_a_decaying_state_forgets_when_it_must(decay):
    recurrence = Recurrence(np.eye(3), decay * np.eye(3), np.zeros(3), "linear")
    random = np.random.default_rng(0)
    states = [States.of(recurrence, random.normal(size=(60, 3))) for _ in range(40)]
    known = np.log(0.01) / np.log(decay)
    found = state_horizon(states)
    assert found.is_bounded
    assert found.horizon == pytest.approx(known, rel=0.15)


def test_one_step_has_no_age():
    recurrence = Recurrence(np.eye(2), np.eye(2), np.zeros(2), "tanh")
    with pytest.raises(ValueError, match="two steps or more"):
        state_horizon([States.of(recurrence, np.ones((1, 2)))])
