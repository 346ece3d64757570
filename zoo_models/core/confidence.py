"""How far an input lies from what a model knows, as one number.

A model measures a few signals of each input, such as the share of unknown words. A
calibration, fitted on validation inputs, knows where each signal lies for inputs of the
domain; the signal that lies farthest off decides.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np

# An answer of less confidence is marked as unsure.
UNSURE = 0.5
# Part of the validation inputs that may be marked.
MARKED = 0.03
# How steeply the confidence falls around the limit of a signal.
STEEPNESS = 4.0
# Pieces of a text that count as much as what is known of texts in general.
PRIOR = 10.0
# Deviations of a state that count, in standard deviations: one unit cannot decide.
FARTHEST = 5.0


class Signal(NamedTuple):
    """What a model measures of an input.

    Attributes:
        name: Name in the calibration.
        doubt: What is said where it lies too far off.
        margin: Smallest distance of a limit from what is typical, for signals that
            are the same for nearly all inputs.
        low: Whether values under the typical one are suspicious.
        high: Whether values over it are.
    """

    name: str
    doubt: str
    margin: float
    low: bool = False
    high: bool = False


@dataclass(frozen=True)
class Range:
    """Where a signal lies for inputs of the domain.

    Attributes:
        typical: Its median.
        below: How far under it the limit is, or `None` where there is none.
        above: How far over it the limit is, or `None`.
    """

    typical: float
    below: float | None = None
    above: float | None = None


@dataclass(frozen=True)
class Calibration:
    """What turns signals into a confidence: numbers alone.

    Attributes:
        ranges: Where each signal lies, by name.
        center: Mean of each pooled state, if the model measures their distance.
        spread: Standard deviation of each, as `center`.
    """

    ranges: dict[str, Range]
    center: Sequence[float] = ()
    spread: Sequence[float] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON has it, with what the numbers are good for."""
        return {"unsure_below": UNSURE, **asdict(self)}

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """What `to_json` returned.

        Raises:
            ValueError: If it is something else.
        """
        try:
            ranges = {
                str(name): Range(
                    float(values["typical"]),
                    _number(values["below"]),
                    _number(values["above"]),
                )
                for name, values in content["ranges"].items()
            }
            center, spread = (
                tuple(float(x) for x in content[key]) for key in ("center", "spread")
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"Not a calibration of confidence: {error!r}") from error
        return cls(ranges, center, spread)

    def distances(self, signals: Sequence[Signal], values: Any, xp: Any) -> Any:
        """How far each signal lies off: 0 is typical, 1 is its limit.

        Args:
            signals: What was measured.
            values: Of shape `(batch, signals, 2)`: each value, and how much it weighs,
                from 0 (nothing is known) to 1.
            xp: `numpy` or `keras.ops`.

        Returns:
            Array or tensor of shape `(batch, signals)`.
        """
        ranges = [self.ranges[signal.name] for signal in signals]

        def row(numbers: list[float | None]) -> Any:
            scales = [0.0 if x is None else 1.0 / x for x in numbers]
            return np.array(scales, "float32")

        typical = np.array([r.typical for r in ranges], "float32")
        off = xp.multiply(xp.subtract(values[:, :, 0], typical), values[:, :, 1])
        under, over = row([r.below for r in ranges]), row([r.above for r in ranges])
        return xp.maximum(xp.multiply(off, over), xp.multiply(off, -under))

    def confidence(self, signals: Sequence[Signal], values: Any, xp: Any) -> Any:
        """From 0 to 1, of shape `(batch,)`. Arguments as in `distances`."""
        farthest = xp.max(self.distances(signals, values, xp), axis=1)
        # Beyond it a float would be infinite; the answer is 0 long before.
        steep = xp.clip(STEEPNESS * (farthest - 1.0), -50.0, 50.0)
        return 1.0 / (1.0 + xp.exp(steep))

    def doubt(self, signals: Sequence[Signal], values: np.ndarray) -> str:
        """What speaks against the input of one row of values: the first signal beyond
        its limit, for those that explain most come first."""
        distances = self.distances(signals, values[None], np)[0]
        return signals[int(np.argmax(distances > 1.0))].doubt

    def distance(self, pooled: Any, xp: Any, farthest: int | None = None) -> Any:
        """How far pooled states, `(batch, size)`, lie from those of the domain: the
        mean square of their deviations, in standard deviations; with `farthest` of
        that many units that deviate most. 0 before the calibration."""
        if not len(self.center):
            return 0.0 * pooled[:, 0]
        center, spread = (np.asarray(x, "float32") for x in (self.center, self.spread))
        off = xp.divide(xp.subtract(pooled, center), spread)
        squares = xp.square(xp.clip(off, -FARTHEST, FARTHEST))
        if farthest is not None:
            squares = xp.sort(squares, axis=1)[:, -farthest:]
        return xp.mean(squares, axis=1)


# What models without a calibration measure with: only the raw signals count.
NOTHING = Calibration({})


def stack_signals(signals: Sequence[tuple[Any, Any]]) -> Any:
    """Values and weights of signals, each of shape `(batch,)`, as one tensor of shape
    `(batch, signals, 2)`, in `keras.ops`. A weight may be a number."""
    from keras import ops

    def pair(value: Any, weight: Any) -> Any:
        value = ops.cast(value, "float32")
        weight = ops.cast(weight, "float32") + ops.zeros_like(value)
        return ops.stack([value, weight], axis=-1)

    return ops.stack([pair(*signal) for signal in signals], axis=1)


def weight_of(count: Any) -> Any:
    """How much the mean of `count` words or pieces weighs, from 0 to 1."""
    from keras import ops

    count = ops.cast(count, "float32")
    return count / (count + PRIOR)


def fit_states(pooled: np.ndarray) -> Calibration:
    """A calibration that knows the states of validation inputs, `(inputs, size)`, and
    no ranges yet."""
    center = pooled.mean(axis=0)
    spread = pooled.std(axis=0) + 0.05 * pooled.std() + 1e-6
    return Calibration({}, _rounded(center), _rounded(spread))


def fit_ranges(
    signals: Sequence[Signal],
    values: np.ndarray,
    states: Calibration = NOTHING,
    kinds: Sequence[int] | None = None,
) -> Calibration:
    """Fits where signals lie so that few of the validation inputs are marked.

    All signals get limits that the same part of the inputs lies beyond, the part at
    which `MARKED` of the inputs lie beyond one or more of them.

    Args:
        signals: What was measured.
        values: Of validation inputs, `(inputs, signals, 2)`: see
            `Calibration.distances`.
        states: What `fit_states` returned.
        kinds: Number of the kind that each input is of; then that part is of the
            kind most of which is marked. Default: all are of one kind.

    Raises:
        ValueError: If there are no inputs, or a value is not finite, or kinds are not
            one for each input.
    """
    if not len(values) or not np.isfinite(values).all():
        raise ValueError(
            "A calibration needs one input or more, and finite signals of them. "
            f"Received: {len(values)} inputs"
        )
    numbers = np.zeros(len(values), int) if kinds is None else np.asarray(kinds)
    if numbers.shape != (len(values),):
        raise ValueError(
            f"There must be a kind for each of {len(values)} inputs. Received: kinds "
            f"of shape {numbers.shape}"
        )
    is_kind = [numbers == kind for kind in np.unique(numbers)]
    typical = np.median(values[:, :, 0], axis=0)
    off = (values[:, :, 0] - typical) * values[:, :, 1]

    def fit(part: float) -> Calibration:
        ranges = {}
        for i, signal in enumerate(signals):
            below, above = (
                _rounded(max(np.quantile(side * off[:, i], 1 - part), signal.margin))
                if is_suspicious
                else None
                for side, is_suspicious in ((-1, signal.low), (1, signal.high))
            )
            ranges[signal.name] = Range(_rounded(typical[i]), below, above)
        return Calibration(ranges, states.center, states.spread)

    least, most = 0.0, MARKED
    for _ in range(20):
        middle = (least + most) / 2
        is_marked = fit(middle).confidence(signals, values, np) < UNSURE
        if max(is_marked[part].mean() for part in is_kind) > MARKED:
            most = middle
        else:
            least = middle
    return fit(least)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _rounded(value: Any) -> Any:
    """Numbers of four digits: a calibration is no more exact."""
    if isinstance(value, np.ndarray):
        return tuple(_rounded(x) for x in value.tolist())
    return float(f"{float(value):.4g}")
