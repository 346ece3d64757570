"""Numbers in progress lines and cards."""

import math

import pytest

from training.core.numbers import rounded


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
