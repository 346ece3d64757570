"""The gradient of a recurrence through time."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnzoo.analysis.measure.states import States
from rnnzoo.core.checks import check_positive

EXACT = 5e8  # time · units³ up to which the Jacobians are multiplied out
PROBES = 32


@dataclass(frozen=True)
class GradientThroughTime:
    """The gain of a small change of each state up to the last state.

    Attributes:
        layer: Name of the layer.
        log_gains: Natural logarithm of `|dS_T / dS_t|_F / √units`, `(time,)`: the root
            mean square over directions. The last one is 0; `-inf` if no change is left.
        error: Relative standard error of the gains; 0 if they are exact.
        positions: Place of each step in the sequence.
        tokens: Input of each step, as text.
        loss_norms: Euclidean norm of the total gradient `dLoss / dS_t`, `(time,)`, or
            `None` if no loss was given.
    """

    layer: str
    log_gains: np.ndarray
    error: float
    positions: np.ndarray
    tokens: tuple[str, ...]
    loss_norms: np.ndarray | None = None


def gradient_through_time(
    states: States,
    probes: int | Literal["auto"] | None = "auto",
    direct: np.ndarray | None = None,
) -> GradientThroughTime:
    """Measures `dS_T / dS_t` for every t, in one scan backwards.

    Args:
        states: States of one sequence.
        probes: `None` multiplies the Jacobians out, which costs `time · units³`; a
            number follows as many random directions instead, at `time · units²` each.
            Default `"auto"`: exact where it is cheap, else 32 directions.
        direct: `dLoss / dS_t` as far as it does not pass later states, `(time, units)`
            in the order of reading, for `loss_norms`.

    Raises:
        ValueError: If `direct` is of another shape.
    """
    time, units = states.values.shape
    if probes == "auto":
        probes = None if time * units**3 <= EXACT else PROBES
    if probes is None:
        columns = np.eye(units)
    else:
        columns = np.random.default_rng(0).normal(
            size=(units, check_positive("probes", probes))
        )
        # In the mean, a matrix times these has the Frobenius norm of the matrix.
        columns /= math.sqrt(columns.shape[1])
    slopes = states.recurrence.slope(states.values)
    weights = states.recurrence.recurrent_kernel
    log_gains, error, scale = np.zeros(time), 0.0, 0.0
    with np.errstate(divide="ignore"):
        for t in range(time - 2, -1, -1):
            columns = weights @ (slopes[t + 1][:, None] * columns)
            squares = np.square(columns).sum(axis=0)
            # Products of thousands of Jacobians would leave the range of floats.
            size = math.sqrt(squares.sum() / units)
            scale += float(np.log(size))
            log_gains[t] = scale
            if not size:
                log_gains[:t] = -np.inf
                break
            columns /= size
            if probes is not None:
                spread = squares.std(ddof=1) / squares.mean() if probes > 1 else np.inf
                error = max(error, float(spread) / 2 / math.sqrt(probes))
    norms = None if direct is None else loss_norms(states, direct)
    return GradientThroughTime(
        states.layer, log_gains, error, states.positions, states.tokens, norms
    )


def loss_norms(states: States, direct: np.ndarray) -> np.ndarray:
    """Returns `|dLoss / dS_t|` for every t, `(time,)`: see `gradient_through_time`."""
    if direct.shape != states.values.shape:
        raise ValueError(
            f"The gradients must have the shape of the states, {states.values.shape}. "
            f"Received: shape {direct.shape}"
        )
    totals = np.array(direct)
    slopes = states.recurrence.slope(states.values)
    for t in range(len(totals) - 2, -1, -1):
        through = totals[t + 1] * slopes[t + 1]
        totals[t] += through @ states.recurrence.recurrent_kernel.T
    return np.linalg.norm(totals, axis=-1)
