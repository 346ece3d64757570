"""The signals of a language model."""

from collections.abc import Callable
from functools import partial
from typing import Any

from keras import ops

from rnnzoo.text import PAD_ID, UNKNOWN_ID
from zoo_models.core.confidence import Measured, Signal, weight_of
from zoo_models.core.types import Tensor
from zoo_models.language_model.network import NextWordNetwork


def make_signals(words: NextWordNetwork) -> tuple[Signal, ...]:
    """Returns the signals of beginnings of texts for the network of a model."""
    likelihood: Callable[[Measured], Any] = partial(_likelihood, words=words)
    return (
        Signal(
            "unknown",
            _unknown_share,
            "it does not know many of the words",
            0.05,
            high=True,
        ),
        Signal(
            "likelihood",
            likelihood,
            "these words seldom follow each other",
            0.1,
            low=True,
        ),
    )


def _unknown_share(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the share of the words that are unknown."""
    targets, number = _targets(measured.inputs)
    unknown = ops.sum(ops.cast(targets == UNKNOWN_ID, "float32"), axis=1)
    return unknown / ops.maximum(number, 1.0), weight_of(number)


def _likelihood(measured: Measured, words: NextWordNetwork) -> tuple[Tensor, Tensor]:
    """Measures the mean log-probability of a word after those before it."""
    targets, number = _targets(measured.inputs)
    _, features, _ = words.encode(measured.inputs)
    is_word = ops.cast(targets != PAD_ID, "float32")
    total = ops.sum(words.log_likelihoods(features, targets) * is_word, axis=1)
    return total / ops.maximum(number, 1.0), weight_of(number)


def _targets(token_ids: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the next word of each step, `(batch, time)`, and their number."""
    targets = ops.pad(token_ids[:, 1:], [[0, 0], [0, 1]])
    return targets, ops.sum(ops.cast(targets != PAD_ID, "float32"), axis=1)
