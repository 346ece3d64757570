"""The encoder of `Translator`: Elman layers in both directions."""

from typing import Any

import keras
from keras import ops

from rnnzoo.layers import WordDropout
from rnnzoo.layers.initializers import Orthogonal, RandomNormal
from rnnzoo.text import PAD_ID
from zoo_models.core.types import RecurrentLayer, Tensor


class SourceEncoder:
    """Two layers of Elman cells in both directions over the tokens of a sentence: see
    `Translator` for the arguments. The functional model there tracks the layers."""

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        units: int,
        word_dropout: float,
        dropout: float,
        recurrent_layer: RecurrentLayer,
    ):
        def recurrent(name: str, **arguments: Any) -> keras.layers.Layer:
            return recurrent_layer(
                units,
                recurrent_initializer=Orthogonal(gain=0.95),
                return_sequences=True,
                name=name,
                **arguments,
            )

        dense, drop = keras.layers.Dense, keras.layers.Dropout
        norm = keras.layers.LayerNormalization
        self.drop_words = WordDropout(
            word_dropout, vocabulary_size, name="source_word_dropout"
        )
        self.embed = keras.layers.Embedding(
            vocabulary_size,
            embedding_dim,
            embeddings_initializer=RandomNormal(stddev=0.3),
            name="source_embedding",
        )
        self.skip = dense(2 * units, use_bias=False, name="encoder_skip")
        self.forwards = [recurrent(f"encoder_{i}") for i in (1, 2)]
        self.backwards = [
            recurrent(f"encoder_{i}_back", go_backwards=True) for i in (1, 2)
        ]
        self.norms = [norm(name=f"encoder_norm_{i}") for i in (1, 2)]
        self.drop_source = drop(dropout, name="source_dropout")
        self.drop_states = drop(dropout, name="encoder_dropout")
        self.drop_outputs = drop(dropout, name="memory_dropout")

    def encode(self, source_ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the encoder outputs, `(batch, time, 2 * units)`, their mask, `(batch,
        time)`, false at padding, and their mean, `(batch, 2 * units)`.

        Args:
            source_ids: `(batch, time)`, with 0 as right padding.
        """
        mask = ops.not_equal(source_ids, PAD_ID)
        x = self.drop_source(self.embed(source_ids))

        def both_ways(i: int, x: Tensor) -> Tensor:
            # Padding comes last, so forwards no mask is needed.
            back = ops.flip(self.backwards[i](x, mask=mask), axis=1)
            return ops.concatenate([self.forwards[i](x), back], axis=-1)

        x = self.norms[0](self.skip(x) + both_ways(0, x))
        x = x + both_ways(1, self.drop_states(x))
        outputs = self.drop_outputs(self.norms[1](x))
        weight = ops.expand_dims(ops.cast(mask, outputs.dtype), -1)
        mean = ops.sum(outputs * weight, axis=1) / ops.sum(weight, axis=1)
        return outputs, mask, mean
