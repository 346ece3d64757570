"""Checks of arguments that several parts of the library have."""

import operator
from typing import Any


def check_positive(name: str, value: Any, minimum: int = 1) -> int:
    """Returns `value` as an `int`, or raises `ValueError` if it is none or too small.

    Integers of NumPy are taken, booleans and floats are not.

    Args:
        name: What the error calls the value.
        value: The value.
        minimum: The least that it may be. Default 1.
    """
    try:
        number = minimum - 1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = minimum - 1
    if number < minimum:
        expected = (
            "a positive integer" if minimum == 1 else f"an integer, {minimum} or more"
        )
        raise ValueError(f"`{name}` must be {expected}. Received: {name}={value!r}")
    return number


def check_rate(name: str, rate: Any) -> float:
    """Returns a dropout rate as a `float`, or raises `ValueError` outside [0, 1]."""
    try:
        number = float(rate)
    except (TypeError, ValueError):
        number = -1.0
    if not 0.0 <= number <= 1.0:
        raise ValueError(
            f"`{name}` must be a number from 0 to 1. Received: {name}={rate!r}"
        )
    return number
