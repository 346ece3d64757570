"""What explains a label: what each pixel says, and the states row by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.analysis import Explanation, Image, log_odds, read_states
from rnnzoo.analysis.measure.evidence import integrate
from zoo_models.core.explaining import Probe
from zoo_models.core.types import Raw
from zoo_models.image_classifier.model import ImageClassifier

SHOWN = 2  # layers whose states are shown: both directions of the last


def prepare(
    model: ImageClassifier, raws: Sequence[Raw]
) -> tuple[np.ndarray, list[list[str]]]:
    """Pixels, and the names of the steps."""
    inputs = model.preprocess(raws)
    names = [f"row {i}" for i in range(model.image_shape[0])]
    return inputs, [["image"] if model.read == "whole" else names] * len(inputs)


def explain(model: ImageClassifier, raw: Raw) -> Explanation:
    """What each pixel says for the label, and the states if there is time in it."""
    inputs, tokens = prepare(model, [raw])
    probabilities = np.asarray(model(inputs, training=False))[0]
    number = int(probabilities.argmax())
    label, score = model.labels[number], float(probabilities[number])
    elements, _, _ = integrate(model, inputs, log_odds(number))
    attributions = elements.reshape(model.image_shape).sum(axis=-1)
    image = inputs[0, ..., 0] if model.image_shape[-1] == 1 else inputs[0]
    parts: list[Any] = [Image(image, attributions, label)]
    if model.read == "rows":
        (states,) = read_states(model, inputs, tokens)
        parts += states[-SHOWN:]
    return Explanation(
        model.preset or model.name, f"{label}, probability {score:.3f}", tuple(parts)
    )


def probe(model: ImageClassifier, raws: Sequence[Raw]) -> Probe | None:
    """Rows are exchanged; the probabilities of the labels are looked at."""
    if model.read == "whole":
        return None
    return Probe(
        lambda arrays, _: np.asarray(model(arrays, training=False)),
        model.preprocess(raws),
        0,
        "rows",
        "probabilities of the labels",
    )
