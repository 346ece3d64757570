"""What is measured becomes JSON that a page can read."""

import json

import numpy as np
import pytest

from rnnzoo.analysis import GradientMap, judge, record
from tests.analysis.known import cases, make, rotation


def test_states_bring_their_order_and_not_the_weights():
    states = make(0.9 * rotation(), "tanh")
    known = json.loads(json.dumps(record(states), allow_nan=False))
    assert known["kind"] == "States"
    assert np.shape(known["values"]) == (200, 5)
    assert sorted(known["order"]) == [0, 1, 2, 3, 4]
    assert not {"inputs", "recurrence"} & set(known)


def test_numbers_are_short_and_finite():
    part = GradientMap(
        "a", np.array([[1 / 3, np.inf, -np.inf]]), ("x",), ("1", "2", "3")
    )
    assert record([part])[0]["values"] == [[0.3333, "inf", "-inf"]]
    dead, _ = cases()["dead relu"]
    known = json.dumps(record({"verdict": judge(dead)}), allow_nan=False)
    assert json.loads(known)["verdict"]["rate"] == "-inf"
    assert json.loads(known)["verdict"]["half_life"] == 0


def test_other_things_are_refused():
    with pytest.raises(TypeError, match="Received: object"):
        record(object())
    with pytest.raises(TypeError, match="Received: type"):
        record(GradientMap)
