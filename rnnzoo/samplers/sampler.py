"""The base of all samplers."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from rnnzoo.checks import check_positive
from rnnzoo.text import END_ID, PAD_ID, START_ID, UNKNOWN_ID

# Maps the ids of the last step, `(rows,)`, and states to scores of the next ids,
# `(rows, vocabulary_size)`, and new states.
Step = Callable[[Any, Any], tuple[Any, Any]]

NEVER = -1e9  # a log-probability that no sum of others reaches
NEVER_EMITTED = (PAD_ID, UNKNOWN_ID, START_ID)


class Sampler:
    """Chooses ids one after another until the end token, for a batch at once.

    A subclass says with `choose` which id follows. It knows nothing of the model but
    the step function.

    Call arguments:
        step: Function of the last ids, int32 of shape `(rows,)`, and the states. It
            returns scores (logits) of the next ids, `(rows, vocabulary_size)`, and
            the new states. There are `num_hypotheses` rows for each example, one
            after another.
        states: State of each example before the first step: a tensor, or a nest of
            tensors, of shape `(batch, …)`.
        max_length: Ids of a row at most, the end token included. Positive.
        num_return: Hypotheses to give for each example. Default 1.

    Returns:
        A pair: ids, int32 of shape `(batch, num_return, max_length)`, padded with 0
        after the end token; and the scores by which they are ordered, the best
        first, of shape `(batch, num_return)`: the mean log-probability of an id.
        Padding, unknown and start are never among the ids.

    Raises:
        ValueError: If `max_length` or `num_return` is not positive, or the sampler
            has fewer hypotheses than `num_return`.
    """

    def __call__(
        self, step: Step, states: Any, max_length: int, num_return: int = 1
    ) -> tuple[Any, Any]:
        check_positive("max_length", max_length)
        check_positive("num_return", num_return)
        num_hypotheses = self.num_hypotheses(num_return)
        batch_size = ops.shape(keras.tree.flatten(states)[0])[0]
        states = keras.tree.map_structure(
            lambda state: ops.repeat(state, num_hypotheses, axis=0), states
        )
        token_ids, scores = self.search(
            step, states, max_length, batch_size, num_hypotheses
        )
        return token_ids[:, :num_return], scores[:, :num_return]

    def num_hypotheses(self, num_return: int) -> int:
        """Rows that are followed for each example."""
        return num_return

    def draw(self, rows: Any, max_length: int) -> Any:
        """Random numbers for `choose`, `(rows, max_length)`, or zeros."""
        return ops.zeros((rows, max_length))

    def choose(self, log_probabilities: Any, chance: Any) -> Any:
        """Ids, `(rows,)`, chosen by log-probabilities, `(rows, vocabulary_size)`, and
        a number of `draw` for each row, `(rows,)`."""
        raise NotImplementedError

    def pick(self, scores: Any, chance: Any) -> Any:
        """One choice, as those of a call are made.

        Args:
            scores: Logits of the next ids, `(rows, vocabulary_size)`.
            chance: A random number from 0 to under 1 for each row, `(rows,)`; what
                does not draw passes over it.

        Returns:
            Ids, `(rows,)`.
        """
        return self.choose(log_softmax(scores), chance)

    def seeds(self) -> list[Any]:
        """States of random numbers, Keras variables that each call changes."""
        return []

    def resources(self) -> list[Any]:
        """Variables that a SavedModel has to keep."""
        return [seed.value for seed in self.seeds()]

    def search(
        self,
        step: Step,
        states: Any,
        max_length: int,
        batch_size: Any,
        num_hypotheses: int,
    ) -> tuple[Any, Any]:
        """Finds hypotheses, the best first: ids, `(batch, num_hypotheses,
        max_length)`, and scores, `(batch, num_hypotheses)`."""
        rows = batch_size * num_hypotheses
        chances = self.draw(rows, max_length)
        places = ops.arange(max_length)[None]

        def is_open(t: Any, last: Any, is_done: Any, *_: Any) -> Any:
            return ops.logical_not(ops.all(is_done))

        def body(
            t: Any,
            last: Any,
            is_done: Any,
            token_ids: Any,
            total: Any,
            length: Any,
            states: Any,
        ) -> tuple[Any, ...]:
            logits, states = step(last, states)
            log_probabilities = log_softmax(logits)
            chance = ops.take(chances, t, axis=1)
            chosen = ops.cast(self.choose(log_probabilities, chance), "int32")
            gain = ops.take_along_axis(log_probabilities, chosen[:, None], axis=1)[:, 0]
            chosen = ops.where(is_done, PAD_ID, chosen)
            total = total + ops.where(is_done, 0.0, gain)
            length = length + ops.cast(ops.logical_not(is_done), "float32")
            token_ids = ops.where(places == t, chosen[:, None], token_ids)
            is_done = ops.logical_or(is_done, chosen == END_ID)
            return t + 1, chosen, is_done, token_ids, total, length, states

        first = (
            ops.convert_to_tensor(0, "int32"),
            ops.full((rows,), START_ID, "int32"),
            ops.zeros((rows,), "bool"),
            ops.zeros((rows, max_length), "int32"),
            ops.zeros((rows,)),
            ops.zeros((rows,)),
            states,
        )
        _, _, _, token_ids, total, length, _ = ops.while_loop(
            is_open, body, first, maximum_iterations=max_length
        )
        scores = ops.reshape(total / length, (-1, num_hypotheses))
        token_ids = ops.reshape(token_ids, (-1, num_hypotheses, max_length))
        scores, order = ops.top_k(scores, num_hypotheses)
        return ops.take_along_axis(token_ids, order[:, :, None], axis=1), scores


def log_softmax(logits: Any) -> Any:
    """Log-probabilities of all ids but those that are never emitted."""
    logits = ops.cast(logits, "float32")
    vocabulary = ops.arange(logits.shape[-1])
    is_never = ops.zeros_like(vocabulary, "bool")
    for i in NEVER_EMITTED:
        is_never = ops.logical_or(is_never, vocabulary == i)
    return ops.log_softmax(ops.where(is_never, NEVER, logits), axis=-1)
