"""How a change of the state fares through time: gradients, exponents, a verdict."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnzoo.analysis.measure.states import States
from rnnzoo.core.checks import check_positive

EXACT = 5e8  # time · units³ up to which the Jacobians are multiplied out
PROBES = 32
DISTANCE = 1e-7  # between two states whose ways are compared


@dataclass(frozen=True)
class GradientThroughTime:
    """How much of a small change of each state is left in the last one.

    Attributes:
        layer: Name of the layer.
        log_gains: Natural logarithm of the factor by which a small change of the state
            after step t, in a direction drawn at random, has been stretched at the
            end, as a root mean square: `|dS_T / dS_t|_F / √units`. Of shape
            `(time,)`; the last is 0, and `-inf` says that nothing is left.
        error: Relative standard error of the factors; 0 where they are exact.
        positions: Place of each step in the sequence.
        tokens: What was read in each step.
        loss_norms: Euclidean norm of `dLoss / dS_t`, `(time,)`, with all that later
            states hand back, or `None` if no loss was given.
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
    seed: int = 0,
) -> GradientThroughTime:
    """Measures `dS_T / dS_t` for every t, in one scan backwards.

    Args:
        states: States of one sequence.
        probes: `None` multiplies the Jacobians out, which costs `time · units³`; a
            number follows as many random directions instead, at `time · units²` each.
            Default `"auto"`: exact where it is cheap, else 32 directions.
        direct: `dLoss / dS_t` as far as it does not pass later states, `(time, units)`
            in the order of reading, for `loss_norms`.
        seed: Of the random directions.

    Raises:
        ValueError: If `direct` is of another shape.
    """
    time, units = states.values.shape
    if probes == "auto":
        probes = None if time * units**3 <= EXACT else PROBES
    if probes is None:
        columns = np.eye(units)
    else:
        columns = np.random.default_rng(seed).normal(
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
            # The columns are kept near length 1, for products of thousands of
            # Jacobians are no numbers that can be held.
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
    """`|dLoss / dS_t|` for every t, `(time,)`: see `gradient_through_time`."""
    if direct.shape != states.values.shape:
        raise ValueError(
            f"The gradients must have the shape of the states, {states.values.shape}. "
            f"Received: shape {direct.shape}"
        )
    return np.linalg.norm(
        backward_scan(
            states.recurrence.recurrent_kernel,
            states.recurrence.slope(states.values),
            direct,
        ),
        axis=-1,
    )


def backward_scan(
    recurrent_kernel: np.ndarray,
    slopes: np.ndarray,
    direct: np.ndarray,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """`dLoss / dS_t` for every t, with what comes back from later states.

    Args:
        recurrent_kernel: `(units, units)`.
        slopes: Slope of the activation at each state, `(…, time, units)`.
        direct: Gradient that reaches each state from outside the layer, likewise.
        mask: `(…, time)`, false at steps that repeat the state before them.

    Returns:
        `(…, time, units)`.
    """
    totals = np.array(direct)
    back = recurrent_kernel.T
    for t in range(totals.shape[-2] - 2, -1, -1):
        later = totals[..., t + 1, :]
        through = (later * slopes[..., t + 1, :]) @ back
        if mask is not None:
            through = np.where(mask[..., t + 1, None], through, later)
        totals[..., t, :] += through
    return totals


def lyapunov_exponents(
    states: States, count: int = 1, discard: int | None = None, seed: int = 0
) -> np.ndarray:
    """The rates at which small changes of the state grow along one sequence.

    Args:
        states: States of one sequence, of 2 steps or more.
        count: Number of exponents, the largest first. Default 1.
        discard: Steps in which directions settle before anything is counted. Default:
            a quarter of them.
        seed: Of the directions.

    Returns:
        Natural logarithms for each step, `(count,)`; `-inf` where a change is lost
        altogether.

    Raises:
        ValueError: If there are too few steps, or more exponents than units.

    References:
        - Benettin et al., "Lyapunov Characteristic Exponents", 1980: directions kept
          apart by QR.
    """
    time, units = states.values.shape
    discard = _discard(states, discard)
    if not 1 <= count <= units:
        raise ValueError(
            f"`count` must be from 1 to {units}, the units. Received: count={count}"
        )
    random = np.random.default_rng(seed)
    rows = np.linalg.qr(random.normal(size=(units, count)))[0]  # of changes, turned
    slopes = states.recurrence.slope(states.values)
    weights = states.recurrence.recurrent_kernel.T
    totals = np.zeros(count)
    with np.errstate(divide="ignore"):
        for t in range(1, time):
            rows, upper = np.linalg.qr(slopes[t][:, None] * (weights @ rows))
            if t > discard:
                totals += np.log(np.abs(np.diag(upper)))
    return totals / (time - 1 - discard)


def perturbed_growth(
    states: States,
    discard: int | None = None,
    directions: int = 4,
    distance: float = DISTANCE,
    seed: int = 0,
) -> float:
    """The rate at which a state that was pushed away comes back, or goes.

    Two ways are followed forwards, with and without the push, and the second is drawn
    back to the first distance after each step. No derivative is taken, so that this
    holds `lyapunov_exponents` to account.

    Args:
        states: States of one sequence, of 2 steps or more.
        discard: As in `lyapunov_exponents`.
        directions: Number of pushes, in random directions; the slowest to fade
            counts.
        distance: Length of a push. Default 1e-7.
        seed: Of the directions.

    Returns:
        Natural logarithm for each step; `-inf` if the push is lost altogether.
    """
    recurrence = states.recurrence
    discard = _discard(states, discard)
    pushes = np.random.default_rng(seed).normal(size=(directions, recurrence.units))
    pushes *= distance / np.linalg.norm(pushes, axis=1, keepdims=True)
    projected = recurrence.project(states.inputs)
    totals = np.zeros(directions)
    state = states.values[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        for t in range(1, len(states)):
            pushed = recurrence.step(state + pushes, projected[t])
            state = recurrence.step(state, projected[t])
            pushes = pushed - state
            lengths = np.linalg.norm(pushes, axis=1)
            if t > discard:
                totals += np.log(lengths / distance)
            lengths = np.where(lengths == 0, np.inf, lengths)
            pushes *= (distance / lengths)[:, None]
    return float(totals.max()) / (len(states) - 1 - discard)


def _discard(states: States, discard: int | None) -> int:
    states.check_steps(2)
    discard = (len(states) - 1) // 4 if discard is None else discard
    if not 0 <= discard < len(states) - 1:
        raise ValueError(
            f"`discard` must be from 0 to {len(states) - 2}, so that a step is left. "
            f"Received: discard={discard}"
        )
    return discard
