"""How far back an input still changes what a network knows, by perturbation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rnnzoo.analysis.measure.states import States

SHARE = 0.01


@dataclass(frozen=True)
class MemoryHorizon:
    """How much a changed input still matters, by how long ago it was read.

    Attributes:
        name: What was looked at.
        lags: Steps between the changed input and the end, from 0.
        changes: Mean change that each lag made, from 0 to 1 of the largest.
        largest: The largest of the mean changes, in the unit of the measure.
        horizon: The longest lag whose change is `share` of the largest or more.
        is_bounded: Whether a longer lag was tried, and made less. If not, the horizon
            is as far as it was looked.
        share: What counts as a change.
        examples: Number of examples behind the means.
    """

    name: str
    lags: tuple[int, ...]
    changes: np.ndarray
    largest: float
    horizon: int
    is_bounded: bool
    share: float
    examples: int

    def __str__(self) -> str:
        bound = "" if self.is_bounded else "at least "
        return f"{self.name}: {bound}{self.horizon} steps"


def memory_horizon(
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray],
    inputs: np.ndarray,
    lags: Sequence[int] | None = None,
    end: int = 0,
    share: float = SHARE,
    name: str = "output",
) -> MemoryHorizon:
    """Exchanges one input after another for that of another example, and looks what
    becomes of the output.

    Args:
        predict: Gives outputs, `(batch, …)`, such as probabilities, for inputs and the
            numbers of the examples that they are of, `(batch,)`. The change is half
            the sum of absolute differences: for probabilities the total variation,
            from 0 to 1.
        inputs: Examples of one length, `(examples, time, …)`, two or more; the input
            of each is replaced by that of the next one.
        lags: Steps between the changed input and the last one. Default: all.
        end: Inputs at the end that are never changed, such as the mark of it.
        share: The horizon is the longest lag that makes this share of the largest mean
            change. Default 0.01.
        name: What is looked at, in words.

    Raises:
        ValueError: If there are fewer than two examples, or nothing differs in them.
    """
    inputs = np.asarray(inputs)
    if len(inputs) < 2:
        raise ValueError(
            "There must be two examples or more, whose inputs are exchanged. "
            f"Received: {len(inputs)}"
        )
    last = inputs.shape[1] - 1 - end
    known = range(last + 1) if lags is None else [k for k in lags if 0 <= k <= last]
    before = np.asarray(predict(inputs, np.arange(len(inputs))), "float64").reshape(
        len(inputs), -1
    )
    donors = np.roll(inputs, 1, axis=0)
    tried, means = [], []
    for lag in known:
        place = last - lag
        differs = inputs[:, place] != donors[:, place]
        rows = np.flatnonzero(differs.reshape(len(inputs), -1).any(axis=1))
        if not len(rows):
            continue
        changed = inputs[rows].copy()
        changed[:, place] = donors[rows, place]
        after = np.asarray(predict(changed, rows), "float64").reshape(len(rows), -1)
        tried.append(lag)
        means.append(float(np.abs(after - before[rows]).sum(axis=1).mean()) / 2)
    if not tried:
        raise ValueError("The examples must differ in a step. Received: none that do")
    return _horizon(name, tried, np.array(means), share, len(inputs))


def state_horizon(
    states: Sequence[States],
    lags: Sequence[int] | None = None,
    share: float = SHARE,
    seed: int = 0,
) -> MemoryHorizon:
    """As `memory_horizon`, of the state of one layer: what it read at one step is
    exchanged for what it read at another, and the last state compared.

    The change is the Euclidean distance of the last states.

    Args:
        states: States of one layer in one sequence or several.
        lags: See `memory_horizon`; beyond the length of a sequence it is left out.
        share: See `memory_horizon`.
        seed: Of the choice of the other steps.

    Raises:
        ValueError: If no sequence has two steps.
    """
    random = np.random.default_rng(seed)
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
    tried = sorted(found)
    means = np.array([np.mean(found[lag]) for lag in tried])
    return _horizon(usable[0].layer, tried, means, share, len(usable))


def _horizon(
    name: str, lags: Sequence[int], means: np.ndarray, share: float, examples: int
) -> MemoryHorizon:
    largest = float(means.max())
    changes = means / largest if largest else means
    reached = [i for i, change in enumerate(changes) if change >= share and largest]
    horizon = lags[reached[-1]] if reached else 0
    return MemoryHorizon(
        name,
        tuple(lags),
        changes,
        largest,
        int(horizon),
        horizon < lags[-1],
        share,
        examples,
    )
