"""The network of `LanguageModel`: a recurrent layer that predicts the next word."""

import keras
import numpy as np
from keras import ops

from rnnzoo.layers import TiedEmbedding
from rnnzoo.layers.initializers import Orthogonal
from rnnzoo.text import END_ID, PAD_ID
from zoo_models.core.confidence import Measured, Signal, count_words, weight_of
from zoo_models.core.types import RecurrentLayer, Tensor

CHUNK = 512  # steps whose logits are in memory at once


class NextWordNetwork:
    """The layers that predict the next word: see `LanguageModel` for the arguments.

    A dense layer maps each state to features whose products with the embedding table
    are the logits. So there may be more units than an embedding has elements. The
    functional model in `LanguageModel` tracks the layers.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        units: int,
        dropout: float,
        recurrent_layer: RecurrentLayer,
        embed: Tensor = None,
    ):
        self.embed = embed or TiedEmbedding(
            vocabulary_size, embedding_dim, name="embedding"
        )
        self.drop_words = keras.layers.Dropout(dropout, name="embedding_dropout")
        self.layer = recurrent_layer(
            units,
            recurrent_initializer=Orthogonal(gain=0.95),
            return_sequences=True,
            return_state=True,
            name="states",
        )
        self.drop_states = keras.layers.Dropout(dropout, name="states_dropout")
        self.features = keras.layers.Dense(embedding_dim, name="features")

    def encode(
        self, token_ids: Tensor, states: Tensor = None, mask: Tensor = None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Returns the outputs of all steps, `(batch, time, units)`, their features,
        `(batch, time, embedding_dim)`, and the states after the last step.

        Args:
            token_ids: `(batch, time)`, with 0 as right padding.
            states: First states, a list of `(batch, units)`. Default: zeros.
            mask: `(batch, time)`, false where the states must not change. Default:
                every step counts; no step before the padding depends on it.
        """
        x = self.drop_words(self.embed(token_ids))
        arguments = {} if states is None else {"initial_state": states}
        outputs, *last = self.layer(x, mask=mask, **arguments)
        return outputs, self.features(self.drop_states(outputs)), last

    def step(
        self, token_ids: Tensor, states: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Returns the logits after one more word, `(rows,)`, and the states."""
        output, states = self.layer.cell(self.embed(token_ids), states)
        states = list(states) if isinstance(states, list | tuple) else [states]
        return self.embed(self.features(output), reverse=True), states

    def state_sizes(self) -> list[int]:
        """Returns the sizes of the states."""
        return keras.tree.flatten(self.layer.cell.state_size)

    def advance(self, row: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Returns the result of `step` for one array: the states side by side, then the
        id."""
        ends = np.cumsum(self.state_sizes()).tolist()
        starts = [0, *ends[:-1]]
        states = [row[:, i:j] for i, j in zip(starts, ends, strict=True)]
        return self.step(ops.cast(row[:, -1], "int32"), states)

    def log_likelihoods(self, features: Tensor, targets: Tensor) -> Tensor:
        """Returns the log-probabilities of `targets`, `(batch, time)`, for features,
        `(batch, time, embedding_dim)`, with the logits of `CHUNK` steps in memory."""
        shape = ops.shape(targets)
        count = shape[0] * shape[1]
        padding = -count % CHUNK
        rows = ops.reshape(features, (-1, features.shape[-1]))
        rows = ops.pad(rows, [[0, padding], [0, 0]])
        words = ops.pad(ops.reshape(targets, (-1,)), [[0, padding]])

        def compare(chunk: Tensor) -> Tensor:
            rows, words = chunk
            scores = self.embed(rows, reverse=True)
            return -ops.sparse_categorical_crossentropy(words, scores, from_logits=True)

        rows = ops.reshape(rows, (-1, CHUNK, features.shape[-1]))
        values = ops.map(compare, (rows, ops.reshape(words, (-1, CHUNK))))
        return ops.reshape(ops.reshape(values, (-1,))[:count], shape)

    def likelihood_signal(self) -> Signal:
        """Returns the signal that measures how likely a text's words are."""
        warning = "these words seldom follow each other"
        return Signal("likelihood", self._measure_likelihood, warning, 0.1, "low")

    def _measure_likelihood(self, measured: Measured) -> tuple[Tensor, Tensor]:
        """Measures the mean log-probability of a word after those before it."""
        targets = ops.pad(measured.inputs[:, 1:], [[0, 0], [0, 1]])
        number, _ = count_words(measured.inputs)
        _, features, _ = self.encode(measured.inputs)
        is_word = ops.cast(targets != PAD_ID, "float32")
        total = ops.sum(self.log_likelihoods(features, targets) * is_word, axis=1)
        return total / ops.maximum(number, 1.0), weight_of(number)

    def total(self, token_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the sum of the log-probabilities of each row's words and its end,
        `(batch,)`, and their number."""
        is_word = ops.cast(token_ids != PAD_ID, "int32")
        after = ops.pad(token_ids[:, 1:], [[0, 0], [0, 1]])
        after = ops.where(ops.logical_and(is_word == 1, after == PAD_ID), END_ID, after)
        _, features, _ = self.encode(token_ids)
        values = self.log_likelihoods(features, after)
        values = values * ops.cast(is_word, values.dtype)
        return ops.sum(values, axis=1), ops.sum(is_word, axis=1)


def count_tokens(token_ids: Tensor) -> Tensor:
    """Returns the number of ids of each row without padding, `(batch,)`."""
    return ops.sum(ops.cast(token_ids != PAD_ID, "int32"), axis=1)
