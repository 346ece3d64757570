"""Numbers and times as people read them."""

import math

import pytest

from training.core.numbers import duration, rounded


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.308e-12, "0"),
        (-2e-9, "0"),
        (0.0, "0"),
        (0.90452, "0.9045"),
        (1.0, "1.0000"),
        (-0.5, "-0.5000"),
        (3.14159, "3.142"),
        (38.7449, "38.74"),
        (9876.5, "9,876"),
        (777.0, "777"),
        (12345, "12,345"),
        (math.nan, "nan"),
        (math.inf, "inf"),
    ],
)
def test_figures_are_rounded(value, shown):
    assert rounded(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.2, "0 s"),
        (42.4, "42 s"),
        (99.4, "99 s"),
        (99.5, "1.7 min"),
        (462, "7.7 min"),
        (599, "10 min"),
        (7056, "1 h 58 min"),
        (7199, "2 h 0 min"),
    ],
)
def test_times_are_those_of_a_clock(seconds, shown):
    assert duration(seconds) == shown
