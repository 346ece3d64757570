"""A decoder of Elman cells that looks at a memory."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from rnnzoo.layers import DotAttention, TiedEmbedding, WordDropout
from rnnzoo.layers.initializers import Orthogonal
from zoo_models.core.folded_step import FoldedStep


class AttendingDecoder:
    """Two recurrent layers, after each a look at a memory; both the captioner's and the
    translator's.

    There are two ways through it: all steps at once, where the text is known, or one
    by one. Layers are joined by sums and layer normalisation; attention is a read-out
    and hands nothing from step to step. The table that embeds the ids also tells the
    next one.

    Not a layer itself: the functional model around it tracks the layers.

    Args:
        vocabulary_size: Number of ids.
        embedding_dim: Size of an embedding.
        units: Units of each recurrent layer.
        attention_dim: Size in which states and places of the memory are compared.
        word_dropout: Fraction of the ids that each text forgets in training.
        dropout: Dropout rate between layers.
        recurrent_layer: Class of the recurrent layers.
        prefix: Of the names of the layers that ids go through. Default none.
        input_name: What the dropout of embedded ids is named after.

    References:
        - Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align
          and Translate", 2015.
        - Press and Wolf, "Using the Output Embedding to Improve Language Models",
          2017: one table for what is read and what is written.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        units: int,
        attention_dim: int,
        word_dropout: float,
        dropout: float,
        recurrent_layer: Any,
        prefix: str = "",
        input_name: str = "words",
    ):
        def recurrent(name: str) -> Any:
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

    def begin(self, summary: Any) -> list[Any]:
        """The first state of each layer, `(batch, units)`, from a summary of the
        memory, `(batch, size)`. Where a layer hands on two, a list: the second starts
        at zero."""
        states = [layer(summary) for layer in self.first_states]
        return [
            [state, ops.zeros_like(state)] if has_two_states(layer) else state
            for state, layer in zip(states, self.layers, strict=True)
        ]

    def decode(
        self,
        token_ids: Any,
        memory: Any,
        mask: Any,
        states: list[Any],
        regroup: Callable[[Any, Any], Any] | None = None,
        words: Any = None,
    ) -> tuple[Any, Any]:
        """The scores of the ids after each of `token_ids`: all steps at once.

        Args:
            token_ids: `(rows, time)`, from the start token on.
            memory: `(batch, places, size)`.
            mask: `(batch, places)`, false at padding.
            states: First state of each layer, `(rows, units)`.
            regroup: Called with vectors, `(rows, time, size)`, and the memory, to lay
                the rows of an example out side by side, `(batch, …, size)`, and with
                what was read and such vectors to undo it. Default: there is one row
                for each example.
            words: What `read_ids` and `score` need beside the memory. Default: nothing.

        Returns:
            The scores, `(rows, time, vocabulary_size)`, and the weights of the second
            look, `(batch, …, places)`.
        """

        def recur(i: int, inputs: Any) -> Any:
            return self.layers[i](inputs, initial_state=states[i])

        def look(i: int, queries: Any) -> tuple[Any, Any]:
            if regroup is None:
                return self.attentions[i](queries, memory, mask)
            # The rows of an example ask one memory.
            together = regroup(queries, memory)
            contexts, weights = self.attentions[i](together, memory, mask)
            return regroup(contexts, queries), weights

        x = self.drop_ids(self.read_ids(self.forget(token_ids), words))
        features, weights = self._pass(x, recur, look, self.drop_states)
        return self.score(self.drop_features(features), words), weights

    def read_ids(self, token_ids: Any, words: Any) -> Any:
        """Vectors of ids, `(…, embedding_dim)`."""
        return self.embed(token_ids)

    def score(self, features: Any, words: Any) -> Any:
        """Scores of the next ids, `(…, vocabulary_size)`, by features of that shape
        but for `embedding_dim`."""
        return self.embed(features, reverse=True)

    def start(
        self, memory: Any, mask: Any, states: list[Any], words: Any = None
    ) -> tuple[dict[str, Any], list[Any]]:
        """What stays the same for all steps of decoding one by one, and the first
        states. Arguments as in `decode`, with one row for each example."""
        keys = [attention.keys(memory) for attention in self.attentions]
        fixed = {"memory": memory, "mask": mask, "keys": keys, "words": words}
        return fixed, states

    def start_search(
        self, memory: Any, mask: Any, states: list[Any], words: Any = None
    ) -> tuple[Callable[..., tuple[Any, Any]], list[Any], dict[str, Any]]:
        """As `start`, for a `rnnzoo.samplers.Sampler`: the step, the first states, and
        what is fixed. All that need not be multiplied at every step is before the
        first, so that scores differ by rounding from those of `step`."""
        words = self.prepare_steps(words)
        if FoldedStep.suits(self):
            step: Any = FoldedStep(self)
            fixed = step.start(memory, mask)
            return step, states, {**fixed, **words}
        fixed, states = self.start(memory, mask, states)
        del fixed["words"]

        def take_step(
            token_ids: Any, states: list[Any], fixed: dict[str, Any]
        ) -> tuple[Any, list[Any]]:
            return self.step({**fixed, "words": fixed}, token_ids, states)

        return take_step, states, {**fixed, **words}

    def prepare_steps(self, words: Any) -> dict[str, Any]:
        """What `read_ids` and `score` need in each step, from `words`, as tensors of
        shape `(batch, …)`."""
        return {}

    def step(
        self, fixed: dict[str, Any], token_ids: Any, states: list[Any]
    ) -> tuple[Any, list[Any]]:
        """One step of decoding.

        Args:
            fixed: What `start` returned.
            token_ids: The last ids, `(rows,)`, with as many rows for each example as
                there are hypotheses, one after another.
            states: State of each layer, `(rows, units)`.

        Returns:
            Scores of the next ids, `(rows, vocabulary_size)`, and the states.
        """
        memory, mask, keys = fixed["memory"], fixed["mask"], fixed["keys"]
        examples = ops.shape(memory)[0]
        after: list[Any] = []

        def recur(i: int, inputs: Any) -> Any:
            layer = self.layers[i]
            is_pair = has_two_states(layer)
            before = states[i] if is_pair else [states[i]]
            output, state = layer.cell(inputs, before)
            after.append(state if is_pair else output)
            return output

        def look(i: int, queries: Any) -> tuple[Any, Any]:
            # Hypotheses of an example ask its memory as steps do in training.
            queries = ops.reshape(queries, (examples, -1, queries.shape[-1]))
            contexts, weights = self.attentions[i].read(queries, keys[i], memory, mask)
            return ops.reshape(contexts, (-1, contexts.shape[-1])), weights

        x = self.read_ids(token_ids, fixed["words"])
        features, _ = self._pass(x, recur, look, lambda y: y)
        return self.score(features, fixed["words"]), after

    def _pass(
        self,
        x: Any,
        recur: Callable[[int, Any], Any],
        look: Callable[[int, Any], tuple[Any, Any]],
        drop: Callable[[Any], Any],
    ) -> tuple[Any, Any]:
        """The features that the next ids are told from, for embedded ids `x`, and the
        weights of the second look."""
        y = drop(self.norms[0](self.skip(x) + recur(0, x)))
        context, _ = look(0, y)
        y = self.norms[1](y + recur(1, ops.concatenate([y, context, x], axis=-1)))
        context, weights = look(1, y)
        return self.features(ops.concatenate([y, context, x], axis=-1)), weights


def has_two_states(layer: Any) -> bool:
    """Whether a recurrent layer hands on two states, as `keras.layers.LSTM` does."""
    return isinstance(layer.cell.state_size, list | tuple) and (
        len(layer.cell.state_size) == 2
    )
