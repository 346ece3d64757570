"""Checks of arguments."""

import numpy as np
import pytest

from rnnzoo.core.checks import check_positive


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_integers_become_those_of_python(value):
    number = check_positive("units", value)
    assert (number, type(number)) == (3, int)


@pytest.mark.parametrize("value", [0, -1, True, 2.0, np.float32(2), "2", None, [2]])
def test_what_is_no_positive_integer_is_named(value):
    with pytest.raises(ValueError) as error:
        check_positive("units", value)
    expected = f"`units` must be a positive integer. Received: units={value!r}"
    assert str(error.value) == expected


def test_the_least_value_may_be_another():
    assert check_positive("port", 0, minimum=0) == 0
    with pytest.raises(ValueError, match="an integer, 2 or more. Received: length=1"):
        check_positive("length", 1, minimum=2)
    with pytest.raises(ValueError, match="an integer, 0 or more. Received: port=False"):
        check_positive("port", False, minimum=0)
