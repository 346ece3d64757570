"""What explains the answers of models.

The `explanation.py` of a model's folder has three functions: `read`, which gives what
the network takes for raw inputs, and what is read in each step, in words; `explain`,
which gives what tells most about one answer; and `probe`, which says how it is found
out how far back an input still counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.analysis import (
    Explanation,
    MemoryHorizon,
    judge,
    memory_horizon,
    read_states,
    state_horizon,
)
from zoo_models.models import find_info

MAX_LAG = 100  # steps


@dataclass(frozen=True)
class Probe:
    """How the memory of a model is put to the test.

    Attributes:
        predict: Gives outputs for inputs of some examples, and their numbers.
        inputs: Inputs of one length, `(examples, time, …)`.
        end: Inputs at the end that stay as they are.
        step: What a step is, in the plural.
        output: What the output is.
    """

    predict: Callable[[np.ndarray, np.ndarray], np.ndarray]
    inputs: np.ndarray
    end: int
    step: str
    output: str


def explain(model: Any, raw: Any) -> Explanation:
    """Explains what a model answers to one input, by what says most about it.

    Args:
        model: A model of the zoo with its preprocessor, or the name or folder of a
            preset.
        raw: One raw input: a text, or an image as `rnnzoo.images.read_image` takes it.

    Returns:
        An explanation, which a notebook shows; `plot(path)` writes its picture and
        `record()` gives its numbers.

    Raises:
        ValueError: If the model is not in the table of models or has no preprocessor.
        TypeError: If the input is of a type that cannot be read.
    """
    if isinstance(model, str | Path):
        from zoo_models.core.zoo_model import ZooModel

        model = ZooModel.from_preset(model)
    return _hooks_of(model).explain(model, raw)


def reading(model: Any, raws: Sequence[Any]) -> tuple[Any, Any]:
    """What the network takes for raw inputs, and what is read in each step: see
    `rnnzoo.analysis.read_states`."""
    if isinstance(raws, str | bytes | Path):
        raws = [raws]
    return _hooks_of(model).read(model, list(raws))


def prepare(model: Any, raws: Sequence[Any]) -> np.ndarray:
    """A batch of the network's first input for raw inputs, checked."""
    checked = [
        model.preprocessor.check(raw, f"inputs[{i}]") for i, raw in enumerate(raws)
    ]
    # Kept with the model's other compiled functions: to trace it takes longer than all
    # that is measured afterwards.
    functions = model._untracked.functions
    if "preparation" not in functions:
        functions["preparation"] = model.build_preparation()
    return np.asarray(functions["preparation"](checked))


def measure_memory(model: Any, raws: Sequence[Any]) -> dict[str, Any]:
    """How far back an input counts, for the card of a preset.

    Args:
        model: A model of the zoo with its preprocessor.
        raws: Raw inputs, two or more.

    Returns:
        `output`, with its `name`, the `step`, the `horizon` in steps, whether it
        `is_bounded` by a longer lag that was tried, and the number of `steps` and of
        `examples`; and `layers`, a list with the `name`, `horizon`, `is_bounded` and
        the median `half_life` of each. `output` is `None` where there is one step, or
        nothing to exchange in equal inputs.
    """
    rows = read_states(model, raws)
    layers = []
    for states in zip(*rows, strict=True):
        usable = [s for s in states if len(s) > 1]
        if not usable:
            continue
        horizon = state_horizon(usable, range(MAX_LAG + 1))
        layers.append({**_as_entry(horizon), "half_life": _half_life(usable)})
    return {"share": 0.01, "output": measure_horizon(model, raws), "layers": layers}


def measure_horizon(model: Any, raws: Sequence[Any]) -> dict[str, Any] | None:
    """How far back an input moves the output, whatever cells the model has: the
    `output` of `measure_memory`."""
    probe = _hooks_of(model).probe(model, raws)
    if probe is None or not _can_be_exchanged(probe):
        return None
    horizon = memory_horizon(
        probe.predict, probe.inputs, range(MAX_LAG + 1), probe.end, name=probe.output
    )
    return {**_as_entry(horizon), "step": probe.step}


def _can_be_exchanged(probe: Probe) -> bool:
    """Whether there are two steps or more, and examples that differ in them."""
    steps = probe.inputs[:, : probe.inputs.shape[1] - probe.end]
    return steps.shape[1] > 1 and bool((steps != steps[:1]).any())


def _as_entry(horizon: MemoryHorizon) -> dict[str, Any]:
    return {
        "name": horizon.name,
        "horizon": horizon.horizon,
        "is_bounded": horizon.is_bounded,
        "steps": horizon.lags[-1] + 1,
        "examples": horizon.examples,
    }


def _half_life(states: Sequence[Any]) -> float | None:
    """The median half-life in steps; `None` if a change is kept, or grows."""
    rate = float(np.median([judge(one).rate for one in states]))
    return round(float(np.log(2) / -rate), 2) if rate < 0 else None


def cut(rows: Sequence[Any], least: int = 2) -> tuple[list[int], int]:
    """The numbers of the longer half of rows, and the length that all of them have;
    `least` rows or more, if there are so many."""
    lengths = np.array([len(row) for row in rows])
    length = min(int(np.median(lengths)), MAX_LAG + 1)
    chosen = np.flatnonzero(lengths >= length)
    if len(chosen) < least:
        raise ValueError(f"There must be {least} inputs or more. Received: {len(rows)}")
    return chosen.tolist(), length


def _hooks_of(model: Any) -> Any:
    info = find_info(c.__name__ for c in type(model).__mro__)
    if info is None:
        raise ValueError(
            "The model must be of a class in the table of models. Received: "
            f"{type(model).__name__}"
        )
    if model.preprocessor is None:
        raise ValueError(
            "A model without its preprocessor takes arrays: `rnnzoo.analysis` measures "
            "it as any Keras model. It comes with `from_preset`."
        )
    return info.load_explanation()
