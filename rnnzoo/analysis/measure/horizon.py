"""How far back an input still changes the output, by perturbation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rnnzoo.analysis.measure.states import States

SHARE = 0.01  # of the largest change, still counts as one


@dataclass(frozen=True)
class MemoryHorizon:
    """The effect of a changed input by its age.

    Attributes:
        name: Name of the output.
        lags: Steps between the changed input and the end, from 0.
        changes: Mean change at each lag, as a share of the largest, from 0 to 1.
        horizon: The longest lag whose change is 1 % of the largest or more.
        is_bounded: Whether a longer lag was tried, too. If not, the horizon is a lower
            bound.
        examples: Number of examples.
    """

    name: str
    lags: tuple[int, ...]
    changes: np.ndarray
    horizon: int
    is_bounded: bool
    examples: int


def memory_horizon(
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray],
    inputs: np.ndarray,
    lags: Sequence[int] | None = None,
    end: int = 0,
    name: str = "output",
) -> MemoryHorizon:
    """Measures how the output changes if one input is replaced by another example's.

    Args:
        predict: Function of inputs and the numbers of their examples, `(batch,)`, to
            outputs, `(batch, …)`, such as probabilities. The change is half the sum of
            absolute differences: the total variation of probabilities, from 0 to 1.
        inputs: Examples of one length, `(examples, time, …)`, two or more.
        lags: Steps between the changed input and the last one. Default: all.
        end: Inputs at the end that are never changed, such as an end token.
        name: Name of the output.

    Raises:
        ValueError: If there are fewer than two examples, or all are equal.
    """
    inputs = np.asarray(inputs)
    if len(inputs) < 2:
        raise ValueError(
            "There must be two examples or more, whose inputs are exchanged. "
            f"Received: {len(inputs)}"
        )
    last = inputs.shape[1] - 1 - end
    before = np.asarray(predict(inputs, np.arange(len(inputs))), "float64").reshape(
        len(inputs), -1
    )
    donors = np.roll(inputs, 1, axis=0)
    found: dict[int, list[float]] = {}
    for lag in range(last + 1) if lags is None else lags:
        place = last - lag
        if not 0 <= place <= last:
            continue
        differs = inputs[:, place] != donors[:, place]
        rows = np.flatnonzero(differs.reshape(len(inputs), -1).any(axis=1))
        if len(rows):
            changed = inputs[rows].copy()
            changed[:, place] = donors[rows, place]
            after = np.asarray(predict(changed, rows), "float64").reshape(len(rows), -1)
            found[lag] = [float(np.abs(after - before[rows]).sum(axis=1).mean()) / 2]
    if not found:
        raise ValueError("The examples must differ in a step. Received: none that do")
    return _horizon(name, found, len(inputs))


def state_horizon(
    states: Sequence[States], lags: Sequence[int] | None = None
) -> MemoryHorizon:
    """Measures how the last state changes if one input is replaced by another step's.

    The change is the Euclidean distance of the last states.

    Args:
        states: States of one layer in one sequence or more.
        lags: See `memory_horizon`. Sequences that are shorter are left out.

    Raises:
        ValueError: If no sequence has two steps.
    """
    random = np.random.default_rng(0)
    found: dict[int, list[float]] = {}
    usable = [s for s in states if len(s) > 1]
    if not usable:
        raise ValueError(
            "A sequence must have two steps or more. Received: none that has"
        )
    for one in usable:
        time, recurrence = len(one), one.recurrence
        projected = recurrence.project(one.inputs)
        for lag in range(time) if lags is None else lags:
            place = time - 1 - lag
            if place < 0:
                continue
            other = (place + random.integers(1, time)) % time
            state = one.values[place - 1] if place else one.first
            state = recurrence.step(state, projected[other])
            for t in range(place + 1, time):
                state = recurrence.step(state, projected[t])
            change = float(np.linalg.norm(state - one.values[-1]))
            found.setdefault(lag, []).append(change)
    return _horizon(usable[0].layer, found, len(usable))


def _horizon(name: str, found: dict[int, list[float]], examples: int) -> MemoryHorizon:
    lags = sorted(found)
    means = np.array([np.mean(found[lag]) for lag in lags])
    changes = means / (means.max() or 1.0)
    horizon = max(
        (k for k, c in zip(lags, changes, strict=True) if c >= SHARE), default=0
    )
    return MemoryHorizon(
        name, tuple(lags), changes, horizon, horizon < lags[-1], examples
    )
