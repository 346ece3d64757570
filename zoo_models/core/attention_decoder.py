"""A decoder of Elman cells that attends to encoder outputs."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.layers import DotAttention, ElmanCell, TiedEmbedding, WordDropout
from rnnzoo.layers.dot_attention import attention_weights
from rnnzoo.layers.initializers import Orthogonal
from rnnzoo.samplers import Sampler
from rnnzoo.text import START_ID
from zoo_models.core.inference import without_gradients
from zoo_models.core.types import RecurrentLayer, Tensor


class AttentionDecoder:
    """Two recurrent layers, each followed by attention to the encoder outputs. The
    captioner and the translator share it.

    It decodes all steps of a known text at once, or one step at a time. Attention is a
    read-out: it passes nothing from step to step. The embedding table of the ids is
    also the output layer. The functional model around it tracks the layers.

    Args:
        vocabulary_size: Number of ids.
        embedding_dim: Size of an embedding.
        units: Units of each recurrent layer.
        attention_dim: Size in which attention compares states and encoder outputs.
        word_dropout: Fraction of the ids that are dropped from a text in training.
        dropout: Dropout rate between layers.
        recurrent_layer: Class of the recurrent layers.
        prefix: Prefix of the names of the embedding layers. Default: none.
        input_name: Name of the ids in the name of their dropout layer.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        units: int,
        attention_dim: int,
        word_dropout: float,
        dropout: float,
        recurrent_layer: RecurrentLayer,
        prefix: str = "",
        input_name: str = "words",
    ):
        def recurrent(name: str) -> keras.layers.Layer:
            return recurrent_layer(
                units,
                recurrent_initializer=Orthogonal(gain=0.95),
                return_sequences=True,
                name=name,
            )

        dense, drop = keras.layers.Dense, keras.layers.Dropout
        norm = keras.layers.LayerNormalization
        self.first_states = [
            dense(units, activation="tanh", name=f"first_state_{i}") for i in (1, 2)
        ]
        self.forget = WordDropout(
            word_dropout, vocabulary_size, name=f"{prefix}word_dropout"
        )
        self.embed = TiedEmbedding(
            vocabulary_size, embedding_dim, name=f"{prefix}embedding"
        )
        self.skip = dense(units, use_bias=False, name="decoder_skip")
        self.layers = [recurrent("decoder_1"), recurrent("decoder_2")]
        self.norms = [norm(name=f"decoder_norm_{i}") for i in (1, 2)]
        self.attentions = [
            DotAttention(attention_dim, name=f"attention_{i}") for i in (1, 2)
        ]
        # Linear: within tanh the scores could not grow with the model's certainty.
        self.features = dense(embedding_dim, name="features")
        self.drop_ids = drop(dropout, name=f"{input_name}_dropout")
        self.drop_states = drop(dropout, name="decoder_dropout")
        self.drop_features = drop(dropout, name="features_dropout")

    def begin(self, summary: Tensor) -> list[Tensor]:
        """Returns the first state of each layer, `(batch, units)`, from a summary of
        the encoder outputs, `(batch, size)`. For a layer with two states it is a list
        whose second state is zero."""
        states = [layer(summary) for layer in self.first_states]
        return [
            [state, ops.zeros_like(state)] if has_two_states(layer) else state
            for state, layer in zip(states, self.layers, strict=True)
        ]

    def decode(
        self,
        token_ids: Tensor,
        encoder_outputs: Tensor,
        mask: Tensor,
        states: list[Tensor],
        regroup: Callable[[Tensor, Tensor], Tensor] | None = None,
        words: Tensor = None,
    ) -> tuple[Tensor, Tensor]:
        """Scores the next ids after each of `token_ids`, all steps at once.

        Args:
            token_ids: `(rows, time)`, from the start token on.
            encoder_outputs: The encoder outputs, `(batch, places, size)`.
            mask: `(batch, places)`, false at padding.
            states: First state of each layer, `(rows, units)`.
            regroup: Function that reshapes vectors, `(rows, time, size)`, to
                `(batch, …, size)`, the first axes of its second argument, and back.
                Default: there is one row for each example.
            words: More arguments of `embed_ids` and `score`. Default: none.

        Returns:
            The scores, `(rows, time, vocabulary_size)`, and the second attention
            weights, `(batch, …, places)`.
        """

        def recur(i: int, inputs: Tensor) -> Tensor:
            return self.layers[i](inputs, initial_state=states[i])

        def attend(i: int, queries: Tensor) -> tuple[Tensor, Tensor]:
            if regroup is None:
                return self.attentions[i](queries, encoder_outputs, mask)
            # The rows of an example attend to the same outputs.
            together = regroup(queries, encoder_outputs)
            contexts, weights = self.attentions[i](together, encoder_outputs, mask)
            return regroup(contexts, queries), weights

        x = self.drop_ids(self.embed_ids(self.forget(token_ids), words))
        features, weights = self._pass(x, recur, attend, self.drop_states)
        return self.score(self.drop_features(features), words), weights

    def embed_ids(self, token_ids: Tensor, words: Tensor) -> Tensor:
        """Returns the embeddings of ids, `(…, embedding_dim)`."""
        return self.embed(token_ids)

    def score(self, features: Tensor, words: Tensor) -> Tensor:
        """Returns the logits of the next ids, `(…, vocabulary_size)`, for features,
        `(…, embedding_dim)`."""
        return self.embed(features, reverse=True)

    def start(
        self,
        encoder_outputs: Tensor,
        mask: Tensor,
        states: list[Tensor],
        words: Tensor = None,
    ) -> tuple[dict[str, Tensor], list[Tensor]]:
        """Returns the constants of all steps, and the first states. It takes the
        arguments of `decode`, with one row for each example."""
        keys = [attention.keys(encoder_outputs) for attention in self.attentions]
        fixed = {"encoder_outputs": encoder_outputs, "mask": mask, "keys": keys}
        return {**fixed, **(words or {})}, states

    def start_search(
        self,
        encoder_outputs: Tensor,
        mask: Tensor,
        states: list[Tensor],
        words: Tensor = None,
    ) -> tuple[Callable[..., tuple[Tensor, Tensor]], list[Tensor], dict[str, Tensor]]:
        """Returns the step for a `rnnzoo.samplers.Sampler`, the first states, and the
        constants. Products that every step would repeat are computed before the first,
        so that scores differ by rounding from those of `step`."""
        words = self.prepare_steps(words)
        if FoldedStep.suits(self):
            step = FoldedStep(self)
            return step, states, {**step.start(encoder_outputs, mask), **words}
        fixed, states = self.start(encoder_outputs, mask, states, words)
        return self.step, states, fixed

    def search(
        self,
        sampler: Sampler,
        encoded: tuple[Tensor, ...],
        max_length: int,
        num_return: int,
    ) -> tuple[Tensor, Tensor]:
        """Returns ids, `(batch, num_return, max_length)`, and scores, `(batch,
        num_return)`.

        Args:
            sampler: Chooses the ids.
            encoded: The arguments of `start`.
            max_length: Largest number of ids of a text, the end token included.
            num_return: Number of texts for each example.
        """
        step, states, fixed = self.start_search(*encoded)
        return sampler(step, states, max_length, num_return, fixed)

    def prepare_steps(self, words: Tensor) -> dict[str, Tensor]:
        """Returns the constants that `embed_ids` and `score` take from `words`, tensors
        of shape `(batch, …)`."""
        return {}

    def step(
        self, token_ids: Tensor, states: list[Tensor], fixed: dict[str, Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Returns scores of the next ids, `(rows, vocabulary_size)`, and the states.

        Args:
            token_ids: The last ids, `(rows,)`, with as many rows for each example as
                there are hypotheses, one after another.
            states: State of each layer, `(rows, units)`.
            fixed: The constants that `start` returned.
        """
        outputs, mask, keys = (fixed[n] for n in ("encoder_outputs", "mask", "keys"))
        examples = ops.shape(outputs)[0]
        after: list[Any] = []

        def recur(i: int, inputs: Tensor) -> Tensor:
            layer = self.layers[i]
            is_pair = has_two_states(layer)
            before = states[i] if is_pair else [states[i]]
            output, state = layer.cell(inputs, before)
            after.append(state if is_pair else output)
            return output

        def attend(i: int, queries: Tensor) -> tuple[Tensor, Tensor]:
            queries = ops.reshape(queries, (examples, -1, queries.shape[-1]))
            contexts, weights = self.attentions[i].attend(
                queries, keys[i], outputs, mask
            )
            return ops.reshape(contexts, (-1, contexts.shape[-1])), weights

        x = self.embed_ids(token_ids, fixed)
        features, _ = self._pass(x, recur, attend, lambda y: y)
        return self.score(features, fixed), after

    def _pass(
        self,
        x: Tensor,
        recur: Callable[[int, Tensor], Tensor],
        attend: Callable[[int, Tensor], tuple[Tensor, Tensor]],
        drop: Callable[[Tensor], Tensor],
    ) -> tuple[Tensor, Tensor]:
        """Returns the features for the next ids, from embedded ids `x`, and the second
        attention weights."""
        y = drop(self.norms[0](self.skip(x) + recur(0, x)))
        context, _ = attend(0, y)
        y = self.norms[1](y + recur(1, ops.concatenate([y, context, x], axis=-1)))
        context, weights = attend(1, y)
        return self.features(ops.concatenate([y, context, x], axis=-1)), weights


def has_two_states(layer: keras.layers.Layer) -> bool:
    """Returns whether a recurrent layer has two states, as `keras.layers.LSTM` does."""
    size = layer.cell.state_size
    return isinstance(size, list | tuple) and len(size) == 2


class FoldedStep:
    """One step of an `AttentionDecoder` of Elman cells, with fewer products.

    Attention scores are `(x Q) · (K m)`, and a kernel multiplies the context. Both are
    linear in the encoder outputs `m`. They are multiplied once with `Q` and `K` and
    with their part of the kernel, instead of each hypothesis in each step.
    """

    def __init__(self, decoder: AttentionDecoder):
        self.decoder = decoder
        units = decoder.layers[0].units
        # Each kernel multiplies states, a context and embedded ids.
        self.kernels = []
        for kernel in (decoder.layers[1].cell.kernel, decoder.features.kernel):
            kernel = ops.convert_to_tensor(kernel)
            seen = kernel.shape[0] - decoder.embed.embedding_dim
            self.kernels.append((kernel[:units], kernel[units:seen], kernel[seen:]))

    @staticmethod
    def suits(decoder: AttentionDecoder) -> bool:
        """Returns whether it fits a decoder: of Elman cells in full precision."""
        return all(
            type(layer.cell) is ElmanCell and layer.compute_dtype == "float32"
            for layer in decoder.layers
        )

    def start(self, outputs: Tensor, mask: Tensor) -> dict[str, Tensor]:
        """Returns the constants of all steps, `(batch, …)`."""
        fixed = {"bias": ops.where(mask, 0.0, -1e9)[:, None]}
        for i, attention in enumerate(self.decoder.attentions):
            query_kernel = ops.transpose(attention.query_kernel)
            keys = ops.matmul(ops.matmul(outputs, attention.key_kernel), query_kernel)
            keys = ops.transpose(keys * attention.units**-0.5, (0, 2, 1))
            fixed[f"keys_{i}"] = keys  # (batch, units, places)
            fixed[f"values_{i}"] = ops.matmul(outputs, self.kernels[i][1])
        return fixed

    def __call__(
        self, token_ids: Tensor, states: list[Tensor], fixed: dict[str, Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Returns logits of the next ids, and the states, as the decoder's `step`."""
        decoder = self.decoder
        first, second = (layer.cell for layer in decoder.layers)
        examples = ops.shape(fixed["bias"])[0]

        def attend(i: int, y: Tensor) -> Tensor:
            queries = ops.reshape(y, (examples, -1, y.shape[-1]))
            scores = ops.matmul(queries, fixed[f"keys_{i}"]) + fixed["bias"]
            seen = ops.matmul(attention_weights(scores), fixed[f"values_{i}"])
            return ops.reshape(seen, (-1, seen.shape[-1]))

        def join(i: int, y: Tensor, x: Tensor) -> Tensor:
            of_states, _, of_ids = self.kernels[i]
            return ops.matmul(y, of_states) + attend(i, y) + ops.matmul(x, of_ids)

        x = decoder.embed_ids(token_ids, fixed)
        projection = ops.matmul(x, first.kernel) + first.bias
        recurrence = ops.matmul(states[0], first.recurrent_kernel)
        state = first.activation(projection + recurrence)
        y = decoder.norms[0](decoder.skip(x) + state)
        inputs = join(0, y, x) + ops.matmul(states[1], second.recurrent_kernel)
        last = second.activation(inputs + second.bias)
        y = decoder.norms[1](y + last)
        features = join(1, y, x) + decoder.features.bias
        return decoder.score(features, fixed), [state, last]


def attention_of(
    network: keras.Model, source: np.ndarray, token_ids: np.ndarray
) -> np.ndarray:
    """Returns attention weights, `(ids, places)`, by a model from the network's two
    inputs to the weights, for one row of the first input and the ids of the text."""
    first, second = network.inputs
    before = np.append(START_ID, token_ids[:-1]).astype("int32")
    before = before.reshape((*(1,) * (len(second.shape) - 1), -1))
    with without_gradients():
        weights = network([source[None].astype(first.dtype), before], training=False)
    return keras.ops.convert_to_numpy(weights)[0]
