"""The base of all samplers."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.samplers.candidates import log_softmax
from rnnzoo.samplers.following import Rows, follow, pick
from rnnzoo.text import END_ID, PAD_ID, START_ID

# Maps the ids of the last step, `(rows,)`, and states to scores of the next ids,
# `(rows, vocabulary_size)`, and new states; see `fixed` of `Sampler` for a third
# argument.
Step = Callable[..., tuple[Any, Any]]


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
        fixed: What a step needs beside the states, and does not change: a tensor, or a
            nest of tensors, of shape `(batch, …)`, with one row for each example. The
            step is called with it as third argument, and only with what belongs to
            examples that are not done, of which there are fewer and fewer. Default
            `None`: a step always sees all examples.

    Returns:
        A pair: ids, int32 of shape `(batch, num_return, max_length)`, padded with 0
        after the end token; and the scores by which they are ordered, the best
        first, of shape `(batch, num_return)`: the mean log-probability of an id, if the
        sampler says nothing else.
        Padding, unknown and start are never among the ids.

    Raises:
        ValueError: If `max_length` or `num_return` is not positive, or the sampler
            has fewer hypotheses than `num_return`.
    """

    def __call__(
        self,
        step: Step,
        states: Any,
        max_length: int,
        num_return: int = 1,
        fixed: Any = None,
    ) -> tuple[Any, Any]:
        check_positive("max_length", max_length)
        check_positive("num_return", num_return)
        num_hypotheses = self.num_hypotheses(num_return)
        batch_size = ops.shape(keras.tree.flatten(states)[0])[0]
        states = keras.tree.map_structure(
            lambda state: ops.repeat(state, num_hypotheses, axis=0), states
        )

        def take_step(last: Any, states: Any, fixed: Any) -> tuple[Any, Any]:
            last = ops.reshape(last, (-1,))  # (batch, hypotheses) to (rows,)
            return step(last, states) if fixed is None else step(last, states, fixed)

        token_ids, scores = self.search(
            take_step, states, fixed, max_length, batch_size, num_hypotheses
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

    def pick_with_gain(self, logits: Any, chance: Any) -> tuple[Any, Any]:
        """As `pick`, with the log-probabilities of the ids, `(rows,)`."""
        log_probabilities = log_softmax(logits)
        chosen = ops.cast(self.choose(log_probabilities, chance), "int32")
        gains = ops.take_along_axis(log_probabilities, chosen[:, None], axis=1)
        return chosen, gains[:, 0]

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
        fixed: Any,
        max_length: int,
        batch_size: Any,
        num_hypotheses: int,
    ) -> tuple[Any, Any]:
        """Finds hypotheses, the best first: ids, `(batch, num_hypotheses,
        max_length)`, and scores, `(batch, num_hypotheses)`."""
        shape = batch_size, num_hypotheses
        places = ops.arange(max_length)
        chances = self.draw(batch_size * num_hypotheses, max_length)
        rows = {
            "is_done": ops.zeros((batch_size,), "bool"),
            "chances": ops.reshape(chances, (-1, num_hypotheses, max_length)),
            "last": ops.full(shape, START_ID, "int32"),
            "token_ids": ops.full((*shape, max_length), PAD_ID, "int32"),
            "has_ended": ops.zeros(shape, "bool"),
            "total": ops.zeros(shape),
            "length": ops.zeros(shape),
        }

        def body(t: Any, rows: Rows, states: Any, fixed: Any) -> tuple[Rows, Any]:
            logits, states = step(rows["last"], states, fixed)
            chance = ops.take(rows["chances"], t, axis=2)
            chosen, gain = self.pick_with_gain(logits, ops.reshape(chance, (-1,)))
            has_ended = rows["has_ended"]
            chosen = ops.reshape(chosen, (-1, num_hypotheses))
            gain = ops.reshape(gain, (-1, num_hypotheses))
            chosen = ops.where(has_ended, PAD_ID, chosen)
            is_open = ops.cast(ops.logical_not(has_ended), "float32")
            has_ended = ops.logical_or(has_ended, chosen == END_ID)
            return {
                "is_done": ops.all(has_ended, axis=1),
                "chances": rows["chances"],
                "last": chosen,
                "token_ids": ops.where(
                    places == t, chosen[:, :, None], rows["token_ids"]
                ),
                "has_ended": has_ended,
                "total": rows["total"] + is_open * gain,
                "length": rows["length"] + is_open,
            }, states

        def finish(rows: Rows) -> tuple[Any, Any]:
            scores, order = ops.top_k(rows["total"] / rows["length"], num_hypotheses)
            return pick(rows["token_ids"], order), scores

        return follow(body, finish, rows, states, fixed, max_length, num_hypotheses)
