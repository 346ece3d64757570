"""The base of models that say how far an input lies from what they know."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from zoo_models.core.confidence import (
    NOTHING,
    UNSURE,
    Calibration,
    Signal,
    fit_ranges,
    fit_states,
)
from zoo_models.core.inference import compute
from zoo_models.core.zoo_model import ZooModel


class ConfidentModel(ZooModel):
    """A model whose answers have a `confidence`.

    It is from 0 to 1 and says how far the input lies from what the model knows, which
    its `calibration` tells. Under 0.5 the answer has a `doubt` too: what speaks
    against the input. A preset comes with a calibration; `calibrate` fits one, and
    `fit` drops it, for it is one of other weights.
    """

    # What a subclass defines

    @property
    def signals(self) -> tuple[Signal, ...]:
        """What it measures of an input."""
        raise NotImplementedError

    def measure(self, inputs: Any, batch_size: int, verbose: Any) -> np.ndarray:
        """The values of the signals, `(inputs, signals, 2)`: see
        `Calibration.distances`. Arguments as in `calibrate`."""
        raise NotImplementedError

    # Calibration

    @property
    def calibration(self) -> Calibration | None:
        """What turns signals into a confidence, or `None`."""
        return getattr(self._untracked, "calibration", None)

    @calibration.setter
    def calibration(self, calibration: Calibration | None) -> None:
        names = [signal.name for signal in self.signals]
        if calibration is not None and [*calibration.ranges] != names:
            raise ValueError(
                f"The calibration must be one of the signals {names}. Received: one of "
                f"{[*calibration.ranges]}"
            )
        self._set_calibration(calibration)

    def _set_calibration(self, calibration: Calibration | None) -> None:
        if calibration is not self.calibration:
            self._untracked.calibration = calibration
            # Those that measure states have their mean in them.
            self._untracked.functions.clear()

    def calibrate(
        self,
        inputs: Any,
        batch_size: int = 64,
        verbose: Any = "auto",
        kinds: Sequence[int] | None = None,
    ) -> None:
        """Fits what turns signals into a confidence.

        It is fitted so that 3 % of the inputs are marked as unsure.

        Args:
            inputs: Raw inputs of the domain, in a list, that the model was not
                trained on: some hundreds. Labels are not needed.
            batch_size: Number of inputs at once. Default 64.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1
                always, 0 never.
            kinds: Number of the kind that each input is of, such as 0 for reviews and
                1 for sentences; then no more than 3 % of any kind are marked. Default:
                all are of one kind.

        Raises:
            ValueError: If there are no inputs, or kinds are not one for each.
        """
        states = NOTHING
        if any(signal.name == "states" for signal in self.signals):
            rows, _ = compute(self, inputs, "pooled", batch_size, verbose)
            states = fit_states(np.stack(rows))
        self._set_calibration(states)
        try:
            values = self.measure(inputs, batch_size, verbose)
        finally:
            self._set_calibration(None)
        self.calibration = fit_ranges(self.signals, values, states, kinds)

    # Answers

    def sure(self, values: np.ndarray, otherwise: np.ndarray) -> list[dict[str, Any]]:
        """What is added to the answer of each input.

        Args:
            values: Those of the signals, `(inputs, signals, 2)`.
            otherwise: The confidence of each if there is no calibration.
        """
        calibration = self.calibration
        if calibration is None or not len(values):
            return [{"confidence": float(x)} for x in otherwise]
        confidences = calibration.confidence(self.signals, values, np)
        added: list[dict[str, Any]] = [{"confidence": float(x)} for x in confidences]
        for entry, row in zip(added, values, strict=True):
            if entry["confidence"] < UNSURE:
                entry["doubt"] = calibration.doubt(self.signals, row)
        return added

    def confidence_of(self, values: Any, otherwise: Any) -> Any:
        """As `sure`, the numbers alone, `(batch,)`, in a graph."""
        if self.calibration is None:
            return otherwise
        return self.calibration.confidence(self.signals, values, keras.ops)

    def distance(self, pooled: Any, farthest: int | None = None) -> Any:
        """How far pooled states lie from those of the domain: see
        `Calibration.distance`."""
        return (self.calibration or NOTHING).distance(pooled, keras.ops, farthest)
