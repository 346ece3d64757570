"""Fits the calibration of a model's confidence."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from zoo_models.core.confidence import NOTHING, UNSURE, Calibration, Range, Signal
from zoo_models.core.inference import Verbose
from zoo_models.core.types import RawInputs

# Share of the validation inputs that may have a low confidence.
MARKED = 0.03


def calibrate(
    model: keras.Model,
    inputs: RawInputs,
    batch_size: int = 64,
    verbose: Verbose = "auto",
    kinds: Sequence[int] | None = None,
) -> None:
    """Fits the calibration, so that 3 % of the inputs have a low confidence.

    This is the method of all models. Presets have a calibration. `fit` discards it
    because it belongs to the old parameters.

    Args:
        model: The model.
        inputs: Some hundreds of raw inputs of the domain, in a list, that the model was
            not trained on. They need no labels.
        batch_size: Number of inputs in a batch. Default 64.
        verbose: Progress bar: `"auto"` on a terminal for several batches, 1 always, 0
            never.
        kinds: The number of each input's kind, such as 0 for reviews and 1 for
            sentences. The 3 % then hold for each kind. Default: one kind.

    Raises:
        ValueError: If there are no inputs, or inputs and kinds differ in number.
    """
    confidence, inference = model.confidence, model.inference
    signals, before = confidence.signals, confidence.calibration
    states = NOTHING
    if any(signal.name == "states" for signal in signals):
        rows, _ = inference.answer(
            lambda batch: inference.run(model.pool_states, inference.preprocess(batch)),
            inputs,
            batch_size,
            verbose,
        )
        states = fit_states(np.stack(rows)) if rows else NOTHING
    try:
        # The states become constants of the compiled functions.
        confidence.calibration = states
        inference.clear()
        values = model.measure(inputs, batch_size, verbose)
    finally:
        confidence.calibration = before
        inference.clear()
    model.calibration = fit_ranges(signals, values, states, kinds)


def fit_states(pooled: np.ndarray) -> Calibration:
    """Returns a calibration with the pooled states of validation inputs, `(inputs,
    size)`, and without ranges."""
    center = pooled.mean(axis=0)
    spread = pooled.std(axis=0) + 0.05 * pooled.std() + 1e-6
    return Calibration({}, _rounded(center), _rounded(spread))


def fit_ranges(
    signals: Sequence[Signal],
    values: np.ndarray,
    states: Calibration = NOTHING,
    kinds: Sequence[int] | None = None,
) -> Calibration:
    """Fits the ranges of signals so that few validation inputs have a low confidence.

    The same share of the inputs lies outside the range of each signal. It is chosen so
    that `MARKED` of the inputs, of each kind, lie outside one range or more. `values`
    have the shape `(inputs, signals, 2)`: see `Calibration.distances`.

    Raises:
        ValueError: If there are no inputs, a value is not finite, or kinds and inputs
            differ in number.
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
                if signal.sides in (name, "both")
                else None
                for side, name in ((-1, "low"), (1, "high"))
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


def _rounded(value: Any) -> Any:
    """Returns numbers rounded to four digits, the precision of a calibration."""
    if isinstance(value, np.ndarray):
        return tuple(_rounded(x) for x in value.tolist())
    return float(f"{float(value):.4g}")
