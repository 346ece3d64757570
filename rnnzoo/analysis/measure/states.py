"""The states of a recurrent layer over a sequence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnzoo.analysis.measure.recurrence import Recurrence


@dataclass(frozen=True)
class States:
    """The states of a recurrent layer after each step of one sequence.

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

    def order_units(self) -> np.ndarray:
        """Returns an order of the units in which similar ones are neighbours: by the
        angle of their weights in the two largest singular vectors."""
        self.check_steps()
        centred = self.values - self.values.mean(axis=0)
        _, strengths, units = np.linalg.svd(centred, full_matrices=False)
        pair = np.zeros((2, self.values.shape[1]))
        pair[: len(units)] = (strengths[:, None] * units)[:2]
        return np.argsort(np.arctan2(pair[1], pair[0]), kind="stable")
