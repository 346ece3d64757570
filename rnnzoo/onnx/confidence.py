"""How far an input lies from what a model knows, as `zoo_models` tells it."""

from typing import Any

import numpy as np

STEEPNESS = 4.0  # how steeply the confidence falls around the limit of a signal


def judge(
    rules: dict[str, Any] | None, values: Any, otherwise: float
) -> dict[str, Any]:
    """What is added to the answer to an input.

    Args:
        rules: What `signature.json` says of confidence, or `None` if it says nothing.
        values: Those of the signals, `(signals, 2)`: each value, and how much it
            weighs, from 0 to 1.
        otherwise: The confidence if there are no rules.

    Returns:
        The `confidence`, from 0 to 1, and a `doubt`, in words, if it is low.
    """
    if rules is None:
        return {"confidence": float(otherwise)}
    distances = [
        _distance(known, np.float32(value), np.float32(weight))
        for known, (value, weight) in zip(rules["ranges"].values(), values, strict=True)
    ]
    steep = np.clip(STEEPNESS * (max(distances) - 1.0), -50.0, 50.0)
    answer = {"confidence": float(1.0 / (1.0 + np.exp(steep)))}
    if answer["confidence"] < rules["unsure_below"]:
        first = next(i for i, distance in enumerate(distances) if distance > 1.0)
        answer["doubt"] = rules["doubts"][[*rules["ranges"]][first]]
    return answer


def _distance(known: dict[str, Any], value: Any, weight: Any) -> Any:
    """How far a signal lies off: 0 is typical, 1 is its limit."""
    off = (value - np.float32(known["typical"])) * weight
    over, under = (
        np.float32(0.0 if limit is None else 1.0 / limit)
        for limit in (known["above"], known["below"])
    )
    return max(off * over, -off * under)
