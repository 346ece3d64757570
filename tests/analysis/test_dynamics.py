"""What becomes of a change of the state, where the answer is known."""

import math

import numpy as np
import pytest

from rnnzoo.analysis import gradient_through_time, judge
from tests.analysis.known import UNITS, cases, make, rotation

CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_half_life_is_the_exact_one(name):
    states, factor = CASES[name]
    verdict = judge(states)
    kinds = {0.0: "vanishes", 1.0: "keeps", 1.05: "explodes"}
    assert verdict.kind == kinds.get(factor, "vanishes")
    if factor == 1.0:
        assert math.isinf(verdict.half_life) or verdict.half_life > 1e6
    elif factor == 0.0:
        assert verdict.half_life == 0
    else:
        known = math.log(2) / abs(math.log(factor))
        assert verdict.half_life == pytest.approx(known, rel=0.1)


def test_gains_are_those_of_finite_differences():
    states = make(1.1 * rotation(), "tanh", None)
    gains = np.exp(gradient_through_time(states, probes=None).log_gains)
    recurrence, size, start = states.recurrence, 1e-6, 190
    projected = recurrence.project(states.inputs)
    squares = 0.0
    for direction in np.eye(UNITS):
        state = states.values[start] + size * direction
        for t in range(start + 1, len(states)):
            state = recurrence.step(state, projected[t])
        squares += np.sum(((state - states.values[-1]) / size) ** 2)
    assert gains[start] == pytest.approx(math.sqrt(squares / UNITS), rel=1e-4)
    assert gains[-1] == 1


def test_random_directions_agree_within_their_stated_error():
    states = make(0.98 * rotation(), "tanh", None)
    exact = gradient_through_time(states, probes=None)
    probed = gradient_through_time(states, probes=64)
    assert exact.error == 0
    assert 0 < probed.error < 0.2
    wrong = np.abs(np.exp(probed.log_gains - exact.log_gains) - 1)
    assert wrong.max() < 4 * probed.error


def test_the_loss_reaches_a_state_through_those_after_it():
    states = make(0.7 * rotation(), "linear", None)
    direct = np.zeros_like(states.values)
    direct[-1, 0] = 1.0
    norms = gradient_through_time(states, direct=direct).loss_norms
    np.testing.assert_allclose(norms[-4:], 0.7 ** np.array([3, 2, 1, 0]), rtol=1e-9)
    with pytest.raises(ValueError, match=r"shape of the states, \(200, 5\)"):
        gradient_through_time(states, direct=direct[1:])


def test_thousands_of_steps_are_no_trouble():
    states = make(0.5 * rotation(), "linear", None)
    long = type(states).of(states.recurrence, np.zeros((10_000, UNITS)))
    gains = gradient_through_time(long, probes=4).log_gains
    # Half in each step: e^-6931 is no floating-point number.
    assert gains[0] == pytest.approx(9999 * math.log(0.5), rel=0.01)


def test_too_few_steps_are_refused_with_the_reason():
    states = make(rotation(), "tanh")
    one = type(states).of(states.recurrence, states.inputs[:1])
    assert gradient_through_time(one).log_gains.tolist() == [0]
    with pytest.raises(ValueError, match=r"2 steps or more.*Received: 1"):
        judge(one)
    none = type(states).of(states.recurrence, states.inputs[:0])
    assert gradient_through_time(none).log_gains.shape == (0,)


def test_radius_and_singular_values():
    verdict = judge(CASES["shear"][0])
    assert verdict.spectral_radius == pytest.approx(0.8)
    assert verdict.largest_singular_value > 4
