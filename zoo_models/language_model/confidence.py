"""How far a beginning lies from the texts that a language model knows."""

from typing import Any

from keras import ops

from rnnzoo.text import PAD_ID, UNKNOWN_ID
from zoo_models.core.confidence import Signal, stack_signals, weight_of
from zoo_models.language_model.network import NextWordNetwork

SIGNALS = (
    Signal("unknown", "it does not know many of the words", 0.05, high=True),
    Signal("likelihood", "these words seldom follow each other", 0.1, low=True),
)


def measure_beginning(words: NextWordNetwork, token_ids: Any) -> Any:
    """Values of the signals of beginnings, `(batch, 2, 2)`: the share of unknown words,
    and the mean log-probability of a word after those before it."""
    after = ops.pad(token_ids[:, 1:], [[0, 0], [0, 1]])
    is_word = ops.cast(after != PAD_ID, "float32")
    number = ops.sum(is_word, axis=1)
    several = ops.maximum(number, 1.0)
    unknown = ops.sum(ops.cast(after == UNKNOWN_ID, "float32"), axis=1)
    _, features, _ = words.read(token_ids)
    total = ops.sum(words.log_likelihoods(features, after) * is_word, axis=1)
    weight = weight_of(number)
    return stack_signals([(unknown / several, weight), (total / several, weight)])
