"""How far an input lies from the data that a model was calibrated on, as one number.

A model measures a few signals of each input, such as the share of unknown words. A
calibration, fitted on validation inputs, contains the usual range of each signal. The
signal that lies farthest outside its range decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from keras import ops

from rnnzoo.text import END_ID, PAD_ID, UNKNOWN_ID
from zoo_models.core.types import Json, Tensor

# Answers with less confidence have a `warning`.
UNSURE = 0.5
# Slope of the confidence at the limit of a signal.
STEEPNESS = 4.0
# Number of words at which the mean over a text has half its weight.
PRIOR = 10.0
# Limit of a state's deviation, in standard deviations, so that one unit cannot decide.
FARTHEST = 5.0


class Signal(NamedTuple):
    """A quantity that a model measures of an input.

    Attributes:
        name: Name in the calibration.
        measure: Function from `Measured` to the values, `(batch,)`, and their weights
            from 0 to 1, in `keras.ops`.
        warning: The reason that an answer gives if the signal is out of range.
        margin: Smallest distance of a limit from the typical value, for signals that
            are the same for nearly all inputs.
        sides: Whether values under the typical one, over it or both are suspicious.
    """

    name: str
    measure: Callable[["Measured"], tuple[Tensor, Tensor]]
    warning: str
    margin: float
    sides: Literal["low", "high", "both"]


@dataclass(frozen=True)
class Range:
    """The usual range of a signal.

    Attributes:
        typical: Its median.
        below: Distance of the lower limit from the median, or `None` without one.
        above: Distance of the upper limit, or `None`.
    """

    typical: float
    below: float | None = None
    above: float | None = None


@dataclass(frozen=True)
class Calibration:
    """The numbers that turn signals into a confidence.

    Attributes:
        ranges: The range of each signal, by name.
        center: Mean of each pooled state, if the model measures their distance.
        spread: Standard deviation of each.
    """

    ranges: dict[str, Range]
    center: Sequence[float] = ()
    spread: Sequence[float] = ()

    def to_json(self) -> Json:
        """Returns the numbers for JSON, with the limit for a `warning`."""
        return {"unsure_below": UNSURE, **asdict(self)}

    @classmethod
    def from_json(cls, content: Json) -> Self:
        """Returns the calibration that `to_json` wrote.

        Raises:
            ValueError: If the content has another structure.
        """
        try:
            ranges = {name: Range(**kept) for name, kept in content["ranges"].items()}
            center, spread = (tuple(content[key]) for key in ("center", "spread"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"Not a calibration of confidence: {error!r}") from error
        return cls(ranges, center, spread)

    def distances(
        self, signals: Sequence[Signal], values: Tensor, xp: ModuleType
    ) -> Tensor:
        """Returns how far each signal lies off, `(batch, signals)`: 0 is typical, 1 is
        its limit.

        Args:
            signals: The signals.
            values: Of shape `(batch, signals, 2)`: each value, and its weight from 0
                (nothing is known) to 1.
            xp: `numpy` or `keras.ops`.
        """
        ranges = [self.ranges[signal.name] for signal in signals]

        def row(numbers: list[float | None]) -> np.ndarray:
            scales = [0.0 if x is None else 1.0 / x for x in numbers]
            return np.array(scales, "float32")

        typical = np.array([r.typical for r in ranges], "float32")
        off = xp.multiply(xp.subtract(values[:, :, 0], typical), values[:, :, 1])
        under, over = row([r.below for r in ranges]), row([r.above for r in ranges])
        return xp.maximum(xp.multiply(off, over), xp.multiply(off, -under))

    def confidence(
        self, signals: Sequence[Signal], values: Tensor, xp: ModuleType
    ) -> Tensor:
        """Returns the confidence from 0 to 1, of shape `(batch,)`. It takes the
        arguments of `distances`."""
        farthest = xp.max(self.distances(signals, values, xp), axis=1)
        # Beyond it a float would be infinite; the answer is 0 long before.
        steep = xp.clip(STEEPNESS * (farthest - 1.0), -50.0, 50.0)
        return 1.0 / (1.0 + xp.exp(steep))

    def warning(self, signals: Sequence[Signal], values: np.ndarray) -> str:
        """Returns the reason for a low confidence, from one row of values: that of the
        first signal out of range, because signals come in the order of their weight."""
        distances = self.distances(signals, values[None], np)[0]
        return signals[int(np.argmax(distances > 1.0))].warning

    def distance(
        self, pooled: Tensor, xp: ModuleType, farthest: int | None = None
    ) -> Tensor:
        """Returns the distance of pooled states, `(batch, size)`, from those of the
        validation inputs: the mean square of their deviations, in standard deviations.
        With
            `farthest` it
        is the mean over that many units, those that deviate most."""
        if not len(self.center):
            return 0.0 * pooled[:, 0]
        center, spread = (np.asarray(x, "float32") for x in (self.center, self.spread))
        off = xp.divide(xp.subtract(pooled, center), spread)
        squares = xp.square(xp.clip(off, -FARTHEST, FARTHEST))
        if farthest is not None:
            squares = xp.sort(squares, axis=1)[:, -farthest:]
        return xp.mean(squares, axis=1)


# The calibration of a model without one: distances of states are 0.
NOTHING = Calibration({})


class Confidence:
    """The signals of a model and their calibration.

    Args:
        signals: The signals, in the order of their weight.

    Attributes:
        calibration: Their calibration, or `None`.
    """

    def __init__(self, signals: Sequence[Signal]):
        self.signals = tuple(signals)
        self.calibration: Calibration | None = None

    def check(self, calibration: Calibration | None) -> None:
        """Raises `ValueError` unless the calibration is `None` or of these signals."""
        names = [signal.name for signal in self.signals]
        if calibration is not None and [*calibration.ranges] != names:
            raise ValueError(
                f"The calibration must be one of the signals {names}. Received: one of "
                f"{[*calibration.ranges]}"
            )

    def measure(self, inputs: Tensor, outputs: Tensor, pooled: Tensor = None) -> Tensor:
        """Returns the values and weights of the signals, `(batch, signals, 2)`, in
        `keras.ops`: see `Measured` for the arguments."""
        measured = Measured(inputs, outputs, pooled, self.calibration or NOTHING)
        return stack_signals([signal.measure(measured) for signal in self.signals])

    def of(self, values: Tensor, otherwise: Tensor, xp: ModuleType) -> Tensor:
        """Returns confidences, `(batch,)`.

        Args:
            values: The values of the signals, `(batch, signals, 2)`.
            otherwise: The confidences without a calibration.
            xp: `numpy` or `keras.ops`.
        """
        if self.calibration is None:
            return otherwise
        return self.calibration.confidence(self.signals, values, xp)

    def fields(self, values: np.ndarray, otherwise: np.ndarray) -> list[Json]:
        """Returns the `confidence` of each answer and, where it is low, the `warning`.
        It takes the arguments of `of`."""
        fields: list[dict[str, Any]] = [
            {"confidence": float(x)} for x in self.of(values, otherwise, np)
        ]
        if self.calibration is not None:
            for entry, row in zip(fields, values, strict=True):
                if entry["confidence"] < UNSURE:
                    entry["warning"] = self.calibration.warning(self.signals, row)
        return fields


# Signals that several models measure


class Measured(NamedTuple):
    """The tensors of a batch that signals are measured of.

    Attributes:
        inputs: The network's first input.
        outputs: Probabilities of the labels, or scores of the texts,
            `(batch, num_return)`.
        pooled: Pooled states, `(batch, size)`, of models that measure their distance.
        calibration: The calibration, for distances.
    """

    inputs: Tensor
    outputs: Tensor
    pooled: Tensor
    calibration: Calibration


def count_words(token_ids: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the numbers of words and of unknown words in each row, `(batch,)`."""
    is_word = (token_ids != PAD_ID) & (token_ids != END_ID)
    return count(is_word), count(token_ids == UNKNOWN_ID)


def count(is_true: Tensor) -> Tensor:
    """Returns the number of true entries in each row, as floats."""
    return ops.sum(ops.cast(is_true, "float32"), axis=1)


def no_known_word(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures whether all words of a text are unknown."""
    number, unknown = count_words(measured.inputs)
    return unknown >= number, 1.0


def unknown_share(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the share of the words that are unknown."""
    number, unknown = count_words(measured.inputs)
    return unknown / ops.maximum(number, 1.0), weight_of(number)


def state_distance(
    measured: Measured, farthest: int | None = None, is_of_words: bool = False
) -> tuple[Tensor, Tensor]:
    """Measures the distance of the pooled states: see `Calibration.distance`. A text of
    few words has less weight if it `is_of_words`."""
    distance = measured.calibration.distance(measured.pooled, ops, farthest)
    weight = weight_of(count_words(measured.inputs)[0]) if is_of_words else 1.0
    return distance, weight


def mean_state(states: Tensor, mask: Tensor) -> Tensor:
    """Returns the mean of states, `(batch, time, size)`, where the mask is true, in
    `keras.ops`."""
    weights = ops.expand_dims(ops.cast(mask, states.dtype), -1)
    return ops.sum(states * weights, axis=1) / ops.sum(weights, axis=1)


def best_score(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the score of the best text."""
    return ops.max(measured.outputs, axis=1), 1.0


NOTHING_KNOWN = Signal(
    "nothing", no_known_word, "it knows none of the words", 0.5, "high"
)
UNKNOWN_WORDS = Signal(
    "unknown", unknown_share, "it does not know many of the words", 0.05, "high"
)
OTHER_IMAGES = Signal(
    "states", state_distance, "it is unlike the images it learnt", 0.05, "high"
)
SCORE = Signal("score", best_score, "no text seems likely for it", 0.05, "low")


def stack_signals(signals: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Returns values and weights of signals, each of shape `(batch,)`, as one tensor of
    shape `(batch, signals, 2)`, in `keras.ops`. A weight may be a number."""

    def pair(value: Tensor, weight: Tensor) -> Tensor:
        value = ops.cast(value, "float32")
        weight = ops.cast(weight, "float32") + ops.zeros_like(value)
        return ops.stack([value, weight], axis=-1)

    return ops.stack([pair(*signal) for signal in signals], axis=1)


def weight_of(count: Tensor) -> Tensor:
    """Returns the weight, from 0 to 1, of a mean over `count` words."""
    count = ops.cast(count, "float32")
    return count / (count + PRIOR)
