"""The layers of `Translator`: an Elman encoder, an Elman decoder, attention between."""

from typing import Any

import keras
from keras import ops

from rnnzoo.layers import DotAttention, TiedEmbedding, WordDropout
from rnnzoo.text import PAD_ID
from zoo_models.core.attending_step import attending_step


class TranslationNetwork:
    """The layers, and the two ways through the decoder: all steps at once, where the
    target is known, or one by one.

    Not a layer itself: the functional model in `Translator` tracks the layers.

    Args:
        source_vocabulary_size: Number of source ids.
        target_vocabulary_size: Number of target ids.
        embedding_dim: Size of an embedding.
        encoder_units: Units in each direction of each encoder layer.
        units: Units of each decoder layer.
        word_dropout: Fraction of the pieces that a text forgets in training.
        dropout: Dropout rate between layers.
        recurrent_layer: Class of the recurrent layers, those of one state a step.
    """

    def __init__(
        self,
        source_vocabulary_size: int,
        target_vocabulary_size: int,
        embedding_dim: int,
        encoder_units: int,
        units: int,
        word_dropout: float,
        dropout: float,
        recurrent_layer: Any,
    ):
        def recurrent(name: str, size: int, **arguments: Any) -> Any:
            return recurrent_layer(
                size,
                recurrent_initializer=keras.initializers.Orthogonal(gain=0.95),
                return_sequences=True,
                name=name,
                **arguments,
            )

        def both_ways(name: str) -> Any:
            backwards = recurrent(f"{name}_back", encoder_units, go_backwards=True)
            return recurrent(name, encoder_units), backwards

        def norm(name: str) -> Any:
            return keras.layers.LayerNormalization(name=name)

        dense, drop = keras.layers.Dense, keras.layers.Dropout
        memory_dim = 2 * encoder_units

        self.forget_source = WordDropout(
            word_dropout, source_vocabulary_size, name="source_word_dropout"
        )
        self.embed_source = keras.layers.Embedding(
            source_vocabulary_size,
            embedding_dim,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=0.3),
            name="source_embedding",
        )
        self.encoder_skip = dense(memory_dim, use_bias=False, name="encoder_skip")
        self.encoders = [both_ways("encoder_1"), both_ways("encoder_2")]
        self.encoder_norms = [norm("encoder_norm_1"), norm("encoder_norm_2")]
        self.first_states = [
            dense(units, activation="tanh", name=f"first_state_{i}") for i in (1, 2)
        ]

        self.forget_target = WordDropout(
            word_dropout, target_vocabulary_size, name="target_word_dropout"
        )
        self.embed_target = TiedEmbedding(
            target_vocabulary_size, embedding_dim, name="target_embedding"
        )
        self.decoder_skip = dense(units, use_bias=False, name="decoder_skip")
        self.decoders = [recurrent("decoder_1", units), recurrent("decoder_2", units)]
        self.decoder_norms = [norm("decoder_norm_1"), norm("decoder_norm_2")]
        self.attentions = [
            DotAttention(memory_dim, name=f"attention_{i}") for i in (1, 2)
        ]
        # Linear: within tanh the scores could not grow with the model's certainty.
        self.features = dense(embedding_dim, name="features")
        places = "source", "encoder", "memory", "target", "decoder", "features"
        self.drop = {p: drop(dropout, name=f"{p}_dropout") for p in places}

    def encode(self, source_ids: Any) -> tuple[Any, Any, list[Any]]:
        """Reads sources.

        Args:
            source_ids: `(batch, time)`, 0 as right padding.

        Returns:
            The memory, `(batch, time, 2 * encoder_units)`, its mask, and the first
            state of each decoder layer, `(batch, units)`.
        """
        mask = ops.not_equal(source_ids, PAD_ID)
        x = self.drop["source"](self.embed_source(self.forget_source(source_ids)))

        def read(x: Any, layers: Any) -> Any:
            forwards, backwards = layers
            # Padding comes last: forwards it disturbs no state that counts.
            back = ops.flip(backwards(x, mask=mask), axis=1)
            return ops.concatenate([forwards(x), back], axis=-1)

        x = self.encoder_norms[0](self.encoder_skip(x) + read(x, self.encoders[0]))
        x = x + read(self.drop["encoder"](x), self.encoders[1])
        memory = self.drop["memory"](self.encoder_norms[1](x))
        weight = ops.expand_dims(ops.cast(mask, memory.dtype), -1)
        mean = ops.sum(memory * weight, axis=1) / ops.sum(weight, axis=1)
        return memory, mask, [layer(mean) for layer in self.first_states]

    def decode(self, target_ids: Any, memory: Any, mask: Any, states: list[Any]) -> Any:
        """The features from which the ids after each of `target_ids` are told,
        `(batch, steps, embedding_dim)`: all steps at once."""
        x = self.drop["target"](self.embed_target(self.forget_target(target_ids)))
        first, second = self.decoders
        y = self.decoder_norms[0](
            self.decoder_skip(x) + first(x, initial_state=states[0])
        )
        y = self.drop["decoder"](y)
        context, _ = self.attentions[0](y, memory, mask)
        inputs = ops.concatenate([y, context, x], axis=-1)
        y = self.decoder_norms[1](y + second(inputs, initial_state=states[1]))
        context, _ = self.attentions[1](y, memory, mask)
        y = self.features(ops.concatenate([y, context, x], axis=-1))
        return self.drop["features"](y)

    def start(self, source_ids: Any) -> tuple[dict[str, Any], list[Any]]:
        """Reads sources for decoding one by one.

        Args:
            source_ids: `(batch, time)`, 0 as right padding.

        Returns:
            What stays the same for all steps, and the first states.
        """
        memory, mask, states = self.encode(source_ids)
        keys = [attention.keys(memory) for attention in self.attentions]
        return {"memory": memory, "mask": mask, "keys": keys}, states

    def step(
        self, fixed: dict[str, Any], token_ids: Any, states: list[Any]
    ) -> tuple[Any, list[Any]]:
        """One step of decoding.

        Args:
            fixed: What `start` returned.
            token_ids: The last ids, `(rows,)`, with as many rows for each source as
                there are hypotheses, one after another.
            states: State of each decoder layer, `(rows, units)`.

        Returns:
            Scores of the next ids, `(rows, target_vocabulary_size)`, and the states.
        """
        return attending_step(
            self.embed_target,
            self.decoder_skip,
            self.decoders,
            self.decoder_norms,
            self.attentions,
            self.features,
            fixed,
            token_ids,
            states,
        )
