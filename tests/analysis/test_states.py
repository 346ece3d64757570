"""Structure in the states of a network."""

import numpy as np
import pytest

from rnnzoo.analysis import Recurrence, States


def make(values, tokens=None):
    """States that are what was read."""
    values = np.asarray(values, "float64")
    units = values.shape[1]
    copying = Recurrence(
        np.eye(units), np.zeros((units, units)), np.zeros(units), "linear"
    )
    return States.of(copying, values, tokens=tokens)


def test_units_that_move_alike_become_neighbours():
    time = np.linspace(0, 6, 40)
    rising, waving = time, 3 * np.sin(2 * time)
    states = make(np.stack([rising, waving, 1.1 * rising, 0.9 * waving], axis=1))
    order = states.order_units().tolist()
    assert {frozenset(order[:2]), frozenset(order[2:])} == {
        frozenset({0, 2}),
        frozenset({1, 3}),
    }


def test_a_single_unit_has_its_place():
    assert make([[1.0], [2.0]]).order_units().tolist() == [0]
    with pytest.raises(ValueError, match="1 steps or more"):
        make(np.zeros((0, 2))).order_units()


def test_activations_are_checked():
    eye = np.eye(2)
    with pytest.raises(ValueError, match=r"Received: activation='softplus'"):
        Recurrence(eye, eye, np.zeros(2), "softplus")
