"""Explains a label: the evidence of each pixel, and the states row by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.analysis import Image, log_odds, read_states
from rnnzoo.analysis.measure.evidence import integrate
from zoo_models.core.explaining import Probe, best_label
from zoo_models.core.types import Raw
from zoo_models.image_classifier.model import ImageClassifier

SHOWN = 2  # layers whose states are shown: both directions of the last


def prepare(
    model: ImageClassifier, raws: Sequence[Raw]
) -> tuple[np.ndarray, list[list[str]]]:
    """Returns pixels, and the names of the steps."""
    inputs = model.preprocess(raws)
    names = [f"row {i}" for i in range(model.image_shape[0])]
    return inputs, [["image"] if model.read == "whole" else names] * len(inputs)


def explain(model: ImageClassifier, raw: Raw) -> tuple[str, list[Any]]:
    """Returns the label, the evidence of each pixel for it, and the states."""
    inputs, tokens = prepare(model, [raw])
    number, label, answer = best_label(model, inputs)
    elements, _, _ = integrate(model, inputs, log_odds(number))
    attributions = elements.reshape(model.image_shape).sum(axis=-1)
    image = inputs[0, ..., 0] if model.image_shape[-1] == 1 else inputs[0]
    parts: list[Any] = [Image(image, attributions, label)]
    if model.read == "rows":
        (states,) = read_states(model, inputs, tokens)
        parts += states[-SHOWN:]
    return answer, parts


def probe(model: ImageClassifier, raws: Sequence[Raw]) -> Probe | None:
    """Replaces rows; the output is the probabilities of the labels."""
    if model.read == "whole":
        return None
    return Probe(
        lambda arrays, _: np.asarray(model(arrays, training=False)),
        model.preprocess(raws),
        0,
        "rows",
        "probabilities of the labels",
    )
