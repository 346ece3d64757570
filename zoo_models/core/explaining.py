"""Explanations of answers.

The `explanation.py` of a model's folder has three functions. `prepare` returns the
network's inputs for raw inputs and the names of the steps. `explain` returns the
answer to one input in words, and the parts of its explanation. `probe` returns the
experiment that measures how far back an input changes the output.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
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
from rnnzoo.text import PAD_ID, START_ID, Vocabulary
from zoo_models.core.types import Json, Raw
from zoo_models.core.zoo_model import ZooModel

MAX_LAG = 100  # steps


@dataclass(frozen=True)
class Probe:
    """An experiment that replaces inputs and measures the change of the output.

    Attributes:
        predict: Function of inputs and the numbers of their examples to outputs.
        inputs: Inputs of one length, `(examples, time, …)`.
        end: Number of inputs at the end that are not replaced.
        step: Name of the steps, in the plural.
        output: Name of the output.
    """

    predict: Callable[[np.ndarray, np.ndarray], np.ndarray]
    inputs: np.ndarray
    end: int
    step: str
    output: str


def explain(model: ZooModel | str | Path, raw: Raw) -> Explanation:
    """Explains the answer of a model to one input.

    Args:
        model: A model of the zoo with its preprocessor, or the name or folder of a
            preset.
        raw: One raw input: a text, or an image as `rnnzoo.images.read_image` takes it.

    Returns:
        An explanation, which a notebook shows. `plot(path)` writes its picture and
        `record()` returns its numbers.

    Raises:
        ValueError: If it is not a model of the zoo or has no preprocessor.
        TypeError: If the input is of a type that cannot be read.
    """
    if isinstance(model, str | Path):
        model = ZooModel.from_preset(model)
    answer, parts = _hooks_of(model).explain(model, raw)
    return Explanation(model.preset or model.name, answer, tuple(parts))


def measure_memory(model: ZooModel, raws: Sequence[Raw]) -> Json:
    """Measures how far back an input counts, for the card of a preset.

    Returns:
        `output`, with its `name`, the `step`, the `horizon` in steps, whether a longer
        lag shows that it `is_bounded`, and the number of `steps` and of `examples`;
        `layers`, a list with the median `half_life` of each, too. `output` is `None`
        for one step or equal inputs.
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


def measure_horizon(model: ZooModel, raws: Sequence[Raw]) -> Json | None:
    """Measures how far back an input changes the output: the `output` of
    `measure_memory`."""
    probe = _hooks_of(model).probe(model, raws)
    if probe is None:
        return None
    steps = probe.inputs[:, : probe.inputs.shape[1] - probe.end]
    if steps.shape[1] < 2 or (steps == steps[:1]).all():
        return None
    horizon = memory_horizon(
        probe.predict, probe.inputs, range(MAX_LAG + 1), probe.end, name=probe.output
    )
    return {**_as_entry(horizon), "step": probe.step}


def _as_entry(horizon: MemoryHorizon) -> Json:
    return {
        "name": horizon.name,
        "horizon": horizon.horizon,
        "is_bounded": horizon.is_bounded,
        "steps": horizon.lags[-1] + 1,
        "examples": horizon.examples,
    }


def _half_life(states: Sequence[Any]) -> float | None:
    """Returns the median half-life in steps, `None` if a change does not decay."""
    rate = float(np.median([judge(one).rate for one in states]))
    return round(float(np.log(2) / -rate), 2) if rate < 0 else None


def prepare_text(
    model: ZooModel, raws: Sequence[Raw]
) -> tuple[np.ndarray, list[list[str]]]:
    """Returns the ids of texts, and their tokens."""
    inputs = model.preprocess(raws)
    names = model.preprocessor.vocabulary.names
    return inputs, [names(row[row != PAD_ID]) for row in inputs]


def generate_ids(
    model: ZooModel, raws: Sequence[Raw], vocabulary: Vocabulary, key: str
) -> list[list[int]]:
    """Returns the ids of the texts that a model generates, from the start token to the
    last but one. `key` is that of the tokens in an answer."""
    numbers = {name: i for i, name in enumerate(vocabulary.tokens)}
    answers = model.generate(list(raws), return_attention=True, verbose=0)
    return [[START_ID, *(numbers[t] for t in a[key][:-1])] for a in answers]


def pad(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Returns rows of ids as an array with padding on the right."""
    ids = np.full((len(rows), max(map(len, rows))), PAD_ID, "int32")
    for padded, row in zip(ids, rows, strict=True):
        padded[: len(row)] = row
    return ids


def best_label(model: ZooModel, inputs: np.ndarray) -> tuple[int, str, str]:
    """Returns the number and name of the best label of one input, and the answer."""
    probabilities = np.asarray(model(inputs, training=False))[0]
    number = int(probabilities.argmax())
    label = model.labels[number]
    return number, label, f"{label}, probability {probabilities[number]:.3f}"


def cut(rows: Sequence[Any], least: int = 2) -> tuple[list[int], int]:
    """Returns the numbers of the longer half of the rows and their common length.

    Raises:
        ValueError: If there are fewer than `least` rows.
    """
    lengths = np.array([len(row) for row in rows])
    length = min(int(np.median(lengths)), MAX_LAG + 1)
    chosen = np.flatnonzero(lengths >= length)
    if len(chosen) < least:
        raise ValueError(f"There must be {least} inputs or more. Received: {len(rows)}")
    return chosen.tolist(), length


def _hooks_of(model: ZooModel) -> ModuleType:
    if not isinstance(model, ZooModel):
        raise ValueError(
            f"The model must be a ZooModel. Received: {type(model).__name__}"
        )
    if model.preprocessor is None:
        raise ValueError(
            "A model without its preprocessor takes arrays: `rnnzoo.analysis` measures "
            "it as any Keras model. It comes with `from_preset`."
        )
    return model.folder_module("explanation")
