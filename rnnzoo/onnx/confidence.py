"""Confidence from signals, with the rules in `signature.json`."""

from typing import Any

import numpy as np


def judge(
    rules: dict[str, Any] | None, values: Any, otherwise: float
) -> dict[str, Any]:
    """Returns the entries of an answer about its confidence.

    Args:
        rules: The entry `confidence` of `signature.json`, or `None`.
        values: Signals of shape `(signals, 2)`: each value and its weight (0 to 1).
        otherwise: The confidence without rules.

    Returns:
        The `confidence` (0 to 1) and, if it is low, a `warning` in words.
    """
    if rules is None:
        return {"confidence": float(otherwise)}
    distances = [
        _distance(known, np.float32(value), np.float32(weight))
        for known, (value, weight) in zip(rules["ranges"].values(), values, strict=True)
    ]
    steep = np.clip(rules["steepness"] * (max(distances) - 1.0), -50.0, 50.0)
    answer = {"confidence": float(1.0 / (1.0 + np.exp(steep)))}
    if answer["confidence"] < rules["unsure_below"]:
        first = next(i for i, distance in enumerate(distances) if distance > 1.0)
        answer["warning"] = rules["warnings"][[*rules["ranges"]][first]]
    return answer


def _distance(known: dict[str, Any], value: Any, weight: Any) -> Any:
    """Returns the distance of a signal: 0 is typical, 1 is its limit."""
    off = (value - np.float32(known["typical"])) * weight
    over, under = (
        np.float32(0.0 if limit is None else 1.0 / limit)
        for limit in (known["above"], known["below"])
    )
    return max(off * over, -off * under)
