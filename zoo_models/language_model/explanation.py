"""What explains an expectation: how much each past word made it, and the states."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from rnnzoo.analysis import Explanation, gradient_map, loss_through_time, read_states
from rnnzoo.text import PAD_ID
from zoo_models.core.explaining import Probe, cut
from zoo_models.core.types import Raw
from zoo_models.language_model.model import LanguageModel

ANSWERS = 24  # words whose making is shown at most, the last ones


def prepare(
    model: LanguageModel, raws: Sequence[Raw]
) -> tuple[np.ndarray, list[list[str]]]:
    """Ids, and the words that they are of."""
    inputs = model.preprocess(raws)
    names = model.preprocessor.vocabulary.tokens
    return inputs, [[names[i] for i in row[row != PAD_ID]] for row in inputs]


def explain(model: LanguageModel, raw: Raw) -> Explanation:
    """How much each past word made the ones that are expected, the states, and the
    gradient of the last expectation through time."""
    inputs, (tokens,) = prepare(model, [raw])
    names = model.preprocessor.vocabulary.tokens
    places = np.arange(len(tokens))[-ANSWERS:]
    best = np.asarray(model(inputs, training=False))[0, places].argmax(axis=-1)

    def target(scores: Any) -> Any:
        # In row k the log-probability of the word that is likeliest at its place.
        rows = ops.take_along_axis(scores, places[:, None, None], axis=1)[:, 0]
        values = ops.log_softmax(rows)
        return ops.take_along_axis(values, best[:, None], axis=1)[:, 0]

    def loss(scores: Any) -> Any:
        return -ops.log_softmax(scores[:, -1])[:, best[-1]]

    expected = [names[i] for i in best]
    maps = gradient_map(model, inputs, target, expected, [tokens])
    (states,) = read_states(model, inputs, [tokens])
    through_time = loss_through_time(model, inputs, loss, [tokens])
    return Explanation(
        model.preset or model.name,
        f"“{expected[-1]}” is expected next",
        (*maps, *states[-1:], *through_time[-1:]),
    )


def probe(model: LanguageModel, raws: Sequence[Raw]) -> Probe:
    """Words are exchanged; the probabilities of the next one are looked at."""
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
