"""The states of a network while it reads, and the structure in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnzoo.analysis.measure.recurrence import Recurrence


@dataclass(frozen=True)
class States:
    """What a recurrent layer had learnt after each step of one sequence.

    Masked steps are left out: they change no state. Steps come in the order of
    reading, from the last position to the first where a layer reads backwards.

    Attributes:
        layer: Name of the layer.
        values: The states, `(time, units)`.
        positions: Place of each step in the sequence, `(time,)`, from 0.
        tokens: What was read in each step, in words.
        inputs: What the layer was given, `(time, input_dim)`.
        first: State before the first step, `(units,)`.
        recurrence: The layer's weights.
    """

    layer: str
    values: np.ndarray
    positions: np.ndarray
    tokens: tuple[str, ...]
    inputs: np.ndarray
    first: np.ndarray
    recurrence: Recurrence

    @classmethod
    def of(
        cls,
        recurrence: Recurrence,
        inputs: np.ndarray,
        first: np.ndarray | None = None,
        layer: str = "layer",
        tokens: Sequence[str] | None = None,
        positions: np.ndarray | None = None,
    ) -> "States":
        """Runs a recurrence over one sequence, `(time, input_dim)`, in the order of
        reading; `tokens` come in it too."""
        inputs = np.asarray(inputs, "float64")
        if positions is None:
            positions = np.arange(len(inputs))
        if tokens is None:
            tokens = [str(p) for p in positions]
        if len(tokens) != len(inputs):
            raise ValueError(
                f"There must be a token for each of the {len(inputs)} steps. Received: "
                f"{len(tokens)} tokens"
            )
        first = np.zeros(recurrence.units) if first is None else np.asarray(first)
        values = recurrence.run(inputs, first)
        return cls(layer, values, positions, tuple(tokens), inputs, first, recurrence)

    def __len__(self) -> int:
        return len(self.values)

    def by_position(self) -> np.ndarray:
        """The states as the sequence stands, whatever the order of reading."""
        return self.values[np.argsort(self.positions)]

    def check_steps(self, minimum: int = 1) -> None:
        """Raises `ValueError` if there are fewer steps than that."""
        if len(self) < minimum:
            raise ValueError(
                f"{self.layer} must have read {minimum} steps or more for this. "
                f"Received: {len(self)}"
            )

    def changes(self) -> np.ndarray:
        """How far each step moved the state, `(time,)`: a Euclidean length."""
        before = np.concatenate([self.first[None], self.values[:-1]])
        return np.linalg.norm(self.values - before, axis=1)

    def most_changed(self, count: int = 5) -> np.ndarray:
        """The units that moved most, summed over all steps, the first most."""
        before = np.concatenate([self.first[None], self.values[:-1]])
        return np.argsort(-np.abs(self.values - before).sum(axis=0))[:count]

    def order_units(self) -> np.ndarray:
        """An order of the units in which those that move alike are neighbours.

        Each unit's course, centred, is told by its weights in the two strongest
        singular vectors; units are sorted by the angle of that pair.
        """
        self.check_steps()
        centred = self.values - self.values.mean(axis=0)
        _, strengths, units = np.linalg.svd(centred, full_matrices=False)
        pair = np.zeros((2, self.values.shape[1]))
        pair[: len(units)] = (strengths[:, None] * units)[:2]
        return np.argsort(np.arctan2(pair[1], pair[0]), kind="stable")


@dataclass(frozen=True)
class Trajectory:
    """The way of a state through the plane in which it moves most.

    Attributes:
        layer: Name of the layer.
        points: `(time, 2)`.
        shares: Share of the states' variance along each axis, from 0 to 1.
        tokens: What was read in each step.
    """

    layer: str
    points: np.ndarray
    shares: tuple[float, float]
    tokens: tuple[str, ...]


def trajectory(states: States) -> Trajectory:
    """Lays the states out in two dimensions, by principal components.

    Raises:
        ValueError: If there is no step.
    """
    states.check_steps()
    centred = states.values - states.values.mean(axis=0)
    left, strengths, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(states), 2))
    points[:, : min(2, len(strengths))] = (left * strengths)[:, :2]
    variances = np.zeros(2)
    variances[: min(2, len(strengths))] = strengths[:2] ** 2
    shares = variances / max(float((strengths**2).sum()), np.finfo(float).tiny)
    return Trajectory(
        states.layer, points, (float(shares[0]), float(shares[1])), states.tokens
    )


@dataclass(frozen=True)
class Moment:
    """A step at which a state was like another.

    Attributes:
        sequence: Number of the sequence among those searched, from 0.
        step: Number of the step in the order of reading, from 0.
        distance: Euclidean distance of the states.
        context: The tokens around, that of the step marked with « and ».
    """

    sequence: int
    step: int
    distance: float
    context: str


def nearest_moments(
    query: States,
    others: Sequence[States],
    step: int = -1,
    count: int = 5,
    window: int = 3,
) -> list[Moment]:
    """Where else a state was as it is at a step: the nearest of each sequence.

    Args:
        query: The states in question.
        others: States of the same layer in other sequences; `query` itself is passed
            over.
        step: Which of the steps of `query`. Default: the last.
        count: Number of moments at most. Default 5.
        window: Tokens to show on either side. Default 3.

    Returns:
        One moment for each sequence at most, the nearest first.

    Raises:
        ValueError: If the layers differ in their units, or there is no such step.

    References:
        - Strobelt et al., "LSTMVis", 2018.
    """
    query.check_steps()
    if not -len(query) <= step < len(query):
        raise ValueError(
            f"`step` must be one of {len(query)} steps. Received: step={step}"
        )
    moments = []
    for i, other in enumerate(others):
        if other is query or not len(other):
            continue
        if other.values.shape[1] != query.values.shape[1]:
            raise ValueError(
                f"All states must have {query.values.shape[1]} units. Received: "
                f"{other.values.shape[1]} in sequence {i}"
            )
        distances = np.linalg.norm(other.values - query.values[step], axis=1)
        best = int(distances.argmin())
        low, tokens = max(best - window, 0), [*other.tokens]
        tokens[best] = f"«{tokens[best]}»"
        context = " ".join(tokens[low : best + window + 1])
        moments.append(Moment(i, best, float(distances[best]), context))
    return sorted(moments, key=lambda m: m.distance)[:count]
