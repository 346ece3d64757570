"""The decoder of `ImageCaptioner`: Elman cells that look at a grid of features."""

from typing import Any

import keras
from keras import ops

from rnnzoo.layers import DotAttention, TiedEmbedding, WordDropout
from zoo_models.core.attending_step import attending_step
from zoo_models.image_captioner.shapes import Regroup, RepeatFor, ToRows


class CaptionNetwork:
    """The layers, and the two ways through them: all steps at once, where the captions
    are known, or one by one.

    Not a layer itself: the functional model in `ImageCaptioner` tracks the layers.

    Args:
        vocabulary_size: Number of ids.
        embedding_dim: Size of an embedding.
        memory_dim: Size of a place of the grid, as the decoder sees it.
        attention_dim: Size in which states and places are compared.
        units: Units of each of the two layers.
        word_dropout: Fraction of the words that a caption forgets in training.
        dropout: Dropout rate between layers.
        recurrent_layer: Class of the recurrent layers, those of one state a step.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        memory_dim: int,
        attention_dim: int,
        units: int,
        word_dropout: float,
        dropout: float,
        recurrent_layer: Any,
    ):
        def recurrent(name: str) -> Any:
            return recurrent_layer(
                units,
                recurrent_initializer=keras.initializers.Orthogonal(gain=0.95),
                return_sequences=True,
                name=name,
            )

        def norm(name: str) -> Any:
            return keras.layers.LayerNormalization(name=name)

        dense, drop = keras.layers.Dense, keras.layers.Dropout
        self.memory = dense(memory_dim, name="memory")
        self.memory_norm = norm("memory_norm")
        self.first_states = [
            dense(units, activation="tanh", name=f"first_state_{i}") for i in (1, 2)
        ]
        self.forget = WordDropout(word_dropout, vocabulary_size, name="word_dropout")
        self.embed = TiedEmbedding(vocabulary_size, embedding_dim, name="embedding")
        self.skip = dense(units, use_bias=False, name="decoder_skip")
        self.decoders = [recurrent("decoder_1"), recurrent("decoder_2")]
        self.norms = [norm("decoder_norm_1"), norm("decoder_norm_2")]
        self.attentions = [
            DotAttention(attention_dim, name=f"attention_{i}") for i in (1, 2)
        ]
        # Linear: within tanh the scores could not grow with the model's certainty.
        self.features = dense(embedding_dim, name="features")
        self.to_rows, self.regroup = ToRows(name="rows"), Regroup(name="regroup")
        self.repeat_for, self.split = RepeatFor(name="repeat"), Regroup(name="split")
        places = "grid", "memory", "words", "decoder", "features"
        self.drop = {p: drop(dropout, name=f"{p}_dropout") for p in places}

    def look(self, image_features: Any) -> tuple[Any, Any, list[Any]]:
        """Reads images.

        Args:
            image_features: `(batch, places, features)`.

        Returns:
            The memory, `(batch, places, memory_dim)`, its mask, all true, and the
            first state of each layer, `(batch, units)`.
        """
        x = self.memory(self.drop["grid"](image_features))
        memory = self.drop["memory"](self.memory_norm(x))
        mean = ops.mean(memory, axis=1)
        mask = ops.ones_like(memory[..., 0], dtype="bool")
        return memory, mask, [layer(mean) for layer in self.first_states]

    def decode(self, token_ids: Any, image_features: Any) -> tuple[Any, Any]:
        """The scores of the words after each of `token_ids`: all steps at once.

        Args:
            token_ids: `(batch, captions, time)`, of several captions for each image.
            image_features: `(batch, places, features)`.

        Returns:
            The scores, `(batch, captions, time, vocabulary_size)`, and the weights of
            the second look, `(batch, captions * time, places)`.
        """
        memory, mask, states = self.look(image_features)

        def read(attention: Any, queries: Any) -> Any:
            # The captions of an image ask one memory.
            contexts, weights = attention(self.regroup(queries, memory), memory, mask)
            return self.regroup(contexts, queries), weights

        first_1, first_2 = (self.repeat_for(state, token_ids) for state in states)
        x = self.embed(self.forget(self.to_rows(token_ids)))
        x = self.drop["words"](x)
        first, second = self.decoders
        y = self.norms[0](self.skip(x) + first(x, initial_state=first_1))
        y = self.drop["decoder"](y)
        context, _ = read(self.attentions[0], y)
        inputs = ops.concatenate([y, context, x], axis=-1)
        y = self.norms[1](y + second(inputs, initial_state=first_2))
        context, weights = read(self.attentions[1], y)
        y = self.features(ops.concatenate([y, context, x], axis=-1))
        scores = self.embed(self.drop["features"](y), reverse=True)
        return self.split(scores, ops.expand_dims(token_ids, -1)), weights

    def start(self, image_features: Any) -> tuple[dict[str, Any], list[Any]]:
        """Reads images for decoding one by one.

        Args:
            image_features: `(batch, places, features)`.

        Returns:
            What stays the same for all steps, and the first states.
        """
        memory, mask, states = self.look(image_features)
        keys = [attention.keys(memory) for attention in self.attentions]
        return {"memory": memory, "mask": mask, "keys": keys}, states

    def step(
        self, fixed: dict[str, Any], token_ids: Any, states: list[Any]
    ) -> tuple[Any, list[Any]]:
        """One step of decoding.

        Args:
            fixed: What `start` returned.
            token_ids: The last ids, `(rows,)`, with as many rows for each image as
                there are hypotheses, one after another.
            states: State of each layer, `(rows, units)`.

        Returns:
            Scores of the next ids, `(rows, vocabulary_size)`, and the states.
        """
        return attending_step(
            self.embed,
            self.skip,
            self.decoders,
            self.norms,
            self.attentions,
            self.features,
            fixed,
            token_ids,
            states,
        )
