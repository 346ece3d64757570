"""The network of `LanguageModel`: a recurrent layer that expects the next word."""

import keras
import numpy as np
from keras import ops

from rnnzoo.layers import TiedEmbedding
from rnnzoo.layers.initializers import Orthogonal
from rnnzoo.text import END_ID, PAD_ID
from zoo_models.core.types import RecurrentLayer, Tensor

CHUNK = 512  # steps whose scores of all words are in memory at once


class NextWordNetwork:
    """Reads words with a recurrent layer and tells what may come next.

    The table that embeds the words also tells the next one. A small dense layer makes
    of a state what is held against the table, so that there may be more units than an
    embedding has elements.

    Not a layer itself: the functional model in `LanguageModel` tracks the layers.

    Args:
        vocabulary_size: Number of ids.
        embedding_dim: Size of an embedding.
        units: Number of units.
        dropout: Dropout rate of embeddings and of states.
        recurrent_layer: Class of the recurrent layer.
        embed: A `TiedEmbedding` to share. Default: one of its own.
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
        """Reads words.

        Args:
            token_ids: `(batch, time)`, 0 as right padding.
            states: First states, a list of `(batch, units)`. Default: zeros.
            mask: `(batch, time)`, false at padding, where the states are left as they
                were. Default: padding is read too; no step before it notices.

        Returns:
            The outputs of all steps, `(batch, time, units)`; what is held against the
            table, `(batch, time, embedding_dim)`; and the states after the last step.
        """
        x = self.drop_words(self.embed(token_ids))
        arguments = {} if states is None else {"initial_state": states}
        outputs, *last = self.layer(x, mask=mask, **arguments)
        return outputs, self.features(self.drop_states(outputs)), last

    def step(
        self, token_ids: Tensor, states: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Scores of the next ids, `(rows, vocabulary_size)`, after one more word,
        `(rows,)`, and the states, a list of `(rows, units)`."""
        output, states = self.layer.cell(self.embed(token_ids), states)
        states = list(states) if isinstance(states, list | tuple) else [states]
        return self.embed(self.features(output), reverse=True), states

    def state_sizes(self) -> list[int]:
        """Sizes of the states that a step hands on."""
        return keras.tree.flatten(self.layer.cell.state_size)

    def advance(self, row: Tensor) -> tuple[Tensor, list[Tensor]]:
        """As `step`, of one array: the states side by side, and the word after them."""
        ends = np.cumsum(self.state_sizes()).tolist()
        starts = [0, *ends[:-1]]
        states = [row[:, i:j] for i, j in zip(starts, ends, strict=True)]
        return self.step(ops.cast(row[:, -1], "int32"), states)

    def log_likelihoods(self, features: Tensor, targets: Tensor) -> Tensor:
        """Log-probabilities of words, among all of the vocabulary.

        Args:
            features: `(batch, time, embedding_dim)`, from `encode`.
            targets: The words that came, `(batch, time)`.

        Returns:
            `(batch, time)`. The scores of a few hundred steps are held at a time.
        """
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

    def total(self, token_ids: Tensor) -> tuple[Tensor, Tensor]:
        """The sum of the log-probabilities of the words of each row and of its end,
        `(batch,)`, and their number."""
        is_word = ops.cast(token_ids != PAD_ID, "int32")
        after = ops.pad(token_ids[:, 1:], [[0, 0], [0, 1]])
        after = ops.where(ops.logical_and(is_word == 1, after == PAD_ID), END_ID, after)
        _, features, _ = self.encode(token_ids)
        values = self.log_likelihoods(features, after)
        values = values * ops.cast(is_word, values.dtype)
        return ops.sum(values, axis=1), ops.sum(is_word, axis=1)


def count_words(token_ids: Tensor) -> Tensor:
    """Number of ids of each row that are no padding, `(batch,)`."""
    return ops.sum(ops.cast(token_ids != PAD_ID, "int32"), axis=1)
