"""Explains the likeliest next word: gradients of the words before it, and states."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from rnnzoo.analysis import gradient_map, loss_through_time, read_states
from rnnzoo.text import PAD_ID
from zoo_models.core.explaining import Probe, cut, prepare_text
from zoo_models.core.types import Raw, Tensor
from zoo_models.language_model.model import LanguageModel

ANSWERS = 24  # predicted words in a map at most, the last ones


prepare = prepare_text


def explain(model: LanguageModel, raw: Raw) -> tuple[str, list[Any]]:
    """Returns the likeliest next word, the gradients of each, and the states."""
    inputs, (tokens,) = prepare(model, [raw])
    names = model.preprocessor.vocabulary.tokens
    places = np.arange(len(tokens))[-ANSWERS:]
    best = np.asarray(model(inputs, training=False))[0, places].argmax(axis=-1)

    def target(scores: Tensor) -> Tensor:
        # In row k the log-probability of the likeliest word at its step.
        rows = ops.take_along_axis(scores, places[:, None, None], axis=1)[:, 0]
        values = ops.log_softmax(rows)
        return ops.take_along_axis(values, best[:, None], axis=1)[:, 0]

    def loss(scores: Tensor) -> Tensor:
        return -ops.log_softmax(scores[:, -1])[:, best[-1]]

    expected = [names[i] for i in best]
    maps = gradient_map(model, inputs, target, expected, [tokens])
    (states,) = read_states(model, inputs, [tokens])
    through_time = loss_through_time(model, inputs, loss, [tokens])
    parts = [*maps, *states[-1:], *through_time[-1:]]
    return f"“{expected[-1]}” is expected next", parts


def probe(model: LanguageModel, raws: Sequence[Raw]) -> Probe:
    """Replaces words; the output is the probabilities of the next word."""
    inputs = model.preprocess(raws)
    chosen, length = cut([row[row != PAD_ID] for row in inputs])

    def predict(arrays: np.ndarray, _: np.ndarray) -> np.ndarray:
        # Of the last step alone: the vocabulary is large.
        features = model.words.encode(ops.convert_to_tensor(arrays))[1]
        return np.asarray(ops.softmax(model.words.embed(features[:, -1], reverse=True)))

    return Probe(
        predict,
        inputs[chosen, :length],
        0,
        "words",
        "probabilities of the next word",
    )
