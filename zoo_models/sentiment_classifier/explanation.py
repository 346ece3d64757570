"""What explains a label: evidence word by word, and the states."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.analysis import (
    Evidence,
    Explanation,
    gradient_map,
    integrated_gradients,
    log_odds,
    read_states,
)
from rnnzoo.text import PAD_ID
from zoo_models.core.explaining import Probe, cut
from zoo_models.core.types import Raw
from zoo_models.sentiment_classifier.model import SentimentClassifier

BATCH = 64  # prefixes read at once
SHOWN = 2  # layers whose states are shown: both directions of the last


def prepare(
    model: SentimentClassifier, raws: Sequence[Raw]
) -> tuple[np.ndarray, list[list[str]]]:
    """Ids, and the words that they are of."""
    inputs = model.preprocess(raws)
    names = model.preprocessor.vocabulary.tokens
    return inputs, [[names[i] for i in _words(row)] for row in inputs]


def _words(row: np.ndarray) -> np.ndarray:
    """Ids of the words of a row, without padding."""
    return row[row != PAD_ID]


def explain(model: SentimentClassifier, raw: Raw) -> Explanation:
    """The evidence for the label as the text is read, and the states."""
    inputs, (tokens,) = prepare(model, [raw])
    inputs = inputs[:, : len(tokens)]
    probabilities = np.asarray(model(inputs, training=False))[0]
    number = int(probabilities.argmax())
    label, score = model.labels[number], float(probabilities[number])
    target = log_odds(number)
    evidence = integrated_gradients(model, inputs, target, label, tokens)
    evidence = dataclasses.replace(evidence, course=_course(model, inputs[0], target))
    maps = gradient_map(model, inputs, target, [label], [tokens])
    (states,) = read_states(model, inputs, [tokens])
    parts: tuple[Evidence | Any, ...] = (evidence, *maps, *states[-SHOWN:])
    return Explanation(
        model.preset or model.name, f"{label}, probability {score:.3f}", parts
    )


def _course(model: SentimentClassifier, row: np.ndarray, target: Any) -> np.ndarray:
    """The score after each word, `(time,)`: of all before it, it and the end."""
    time = len(row)
    prefixes = np.zeros((time, *row.shape), row.dtype)
    for t in range(time):
        prefixes[t, : t + 1] = row[: t + 1]
        prefixes[t, min(t + 1, time - 1)] = row[-1]
    parts = [
        target(model(prefixes[i : i + BATCH], training=False))
        for i in range(0, time, BATCH)
    ]
    return np.concatenate([np.asarray(part) for part in parts])


def probe(model: SentimentClassifier, raws: Sequence[Raw]) -> Probe:
    """Words are exchanged; the probabilities of the labels are looked at."""
    inputs = model.preprocess(raws)
    chosen, length = cut([_words(row) for row in inputs])
    ends = np.stack([inputs[i, len(_words(inputs[i])) - 1] for i in chosen])
    rows = inputs[chosen, :length].copy()
    rows[:, -1] = ends
    return Probe(
        lambda arrays, _: np.asarray(model(arrays, training=False)),
        rows,
        1,
        "words",
        "probabilities of the labels",
    )
