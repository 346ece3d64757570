"""Explains a label: the evidence of each word, and the states."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.analysis import gradient_map, integrated_gradients, log_odds, read_states
from rnnzoo.text import PAD_ID
from zoo_models.core.explaining import Probe, best_label, cut, prepare_text
from zoo_models.core.types import Raw
from zoo_models.sentiment_classifier.model import SentimentClassifier

BATCH = 64  # prefixes in a batch
SHOWN = 2  # layers whose states are shown: both directions of the last

prepare = prepare_text


def explain(model: SentimentClassifier, raw: Raw) -> tuple[str, list[Any]]:
    """Returns the label, and the evidence for it, gradients and states."""
    inputs, (tokens,) = prepare(model, [raw])
    inputs = inputs[:, : len(tokens)]
    number, label, answer = best_label(model, inputs)
    target = log_odds(number)
    evidence = integrated_gradients(model, inputs, target, label, tokens)
    evidence = dataclasses.replace(evidence, course=_course(model, inputs[0], target))
    maps = gradient_map(model, inputs, target, [label], [tokens])
    (states,) = read_states(model, inputs, [tokens])
    return answer, [evidence, *maps, *states[-SHOWN:]]


def _course(model: SentimentClassifier, row: np.ndarray, target: Any) -> np.ndarray:
    """Returns the score after each word, `(time,)`, as if the text ended there."""
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
    """Replaces words; the output is the probabilities of the labels."""
    texts = [row[row != PAD_ID] for row in model.preprocess(raws)]
    chosen, length = cut(texts)
    rows = np.stack([np.append(texts[i][: length - 1], texts[i][-1]) for i in chosen])
    return Probe(
        lambda arrays, _: np.asarray(model(arrays, training=False)),
        rows,
        1,
        "words",
        "probabilities of the labels",
    )
