"""Structure in the states of a network."""

import numpy as np
import pytest

from rnnzoo.analysis import Recurrence, States, nearest_moments, trajectory


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


def test_the_units_that_move_most_come_first():
    states = make([[0, 5, 1], [0, -5, 2], [0.1, 5, 3]])
    assert states.most_changed(2).tolist() == [1, 2]
    np.testing.assert_allclose(states.changes()[0], np.sqrt(26))


def test_a_way_in_a_plane_is_laid_out_as_it_is():
    angle = np.linspace(0, 5, 30)
    plane = np.stack([2 * np.cos(angle), np.sin(angle)], axis=1)
    turned = plane @ np.linalg.qr(np.random.default_rng(0).normal(size=(4, 2)))[0].T
    way = trajectory(make(turned))
    assert sum(way.shares) == pytest.approx(1)
    distances = np.linalg.norm(np.diff(way.points, axis=0), axis=1)
    np.testing.assert_allclose(
        distances, np.linalg.norm(np.diff(plane, axis=0), axis=1), atol=1e-9
    )


def test_a_single_unit_and_a_single_step_have_their_place():
    assert make([[1.0], [2.0]]).order_units().tolist() == [0]
    assert trajectory(make([[1.0], [2.0]])).points.shape == (2, 2)
    assert trajectory(make([[1.0, 2.0]])).points.tolist() == [[0, 0]]
    with pytest.raises(ValueError, match="1 steps or more"):
        trajectory(make(np.zeros((0, 2))))


def test_nearest_moments_name_the_place():
    query = make([[0, 0], [3, 4]], ["not", "bad"])
    others = [
        make([[9, 9], [3, 4.5]], ["so", "good"]),
        query,
        make([[3, 4], [0, 0]], ["fine", "end"]),
        make(np.zeros((0, 2))),
    ]
    first, second = nearest_moments(query, others)
    assert (first.sequence, first.step, first.distance) == (2, 0, 0)
    assert first.context == "«fine» end"
    assert (second.sequence, second.step, second.distance) == (0, 1, 0.5)
    with pytest.raises(ValueError, match="Received: step=2"):
        nearest_moments(query, others, step=2)


def test_shapes_and_activations_are_checked():
    eye = np.eye(2)
    with pytest.raises(ValueError, match=r"Received: activation='softplus'"):
        Recurrence(eye, eye, np.zeros(2), "softplus")
    with pytest.raises(ValueError, match=r"\(2, 2\), \(2, 2\), \(3,\)"):
        Recurrence(eye, eye, np.zeros(3), "tanh")
    with pytest.raises(ValueError, match="for each of the 2 steps. Received: 1"):
        make(eye, ["one"])
