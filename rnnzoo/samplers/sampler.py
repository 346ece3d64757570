"""The base of all samplers."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import Tensor
from rnnzoo.text import END_ID, PAD_ID, START_ID, UNKNOWN_ID

NEVER = -1e9  # a log-probability that no sum of others reaches
NEVER_EMITTED = (PAD_ID, UNKNOWN_ID, START_ID)

# Maps the ids of the last step, `(rows,)`, and states to scores of the next ids,
# `(rows, vocabulary_size)`, and new states; see `fixed` of `Sampler` for a third
# argument.
Step = Callable[..., tuple[Any, Any]]
Rows = dict[str, Any]
# Maps the number of the step, the tensors of each example, the states of the step
# function, and its constants to new tensors and states.
Body = Callable[[Any, Rows, Any, Any], tuple[Rows, Any]]


class Sampler:
    """Chooses ids one after another until the end token, for a batch at once.

    A subclass implements `choose`. A sampler uses only the step function of a model.

    Call arguments:
        step: Function of the last ids, int32 of shape `(rows,)`, and the states. It
            returns scores (logits) of the next ids, `(rows, vocabulary_size)`, and
            the new states. There are `num_hypotheses` rows for each example, one
            after another.
        states: State of each example before the first step: a tensor, or a nest of
            tensors, of shape `(batch, …)`.
        max_length: Largest number of ids of a row, the end token included. Positive.
        num_return: Number of hypotheses to return for each example. Default 1.
        fixed: Constants of the step: a tensor, or a nest of tensors, of shape
            `(batch, …)`, with one row for each example. The step takes it as third
            argument, with only the rows of examples that are not done. Default `None`:
            the step always takes all examples.

    Returns:
        A pair: ids, int32 of shape `(batch, num_return, max_length)`, padded with 0
        after the end token; and their scores, the best first, of shape `(batch,
        num_return)`: the mean log-probability of an id, unless the sampler defines
        another. Padding, unknown and start are never among the ids.

    Raises:
        ValueError: If `max_length` or `num_return` is not positive, or the sampler
            has fewer hypotheses than `num_return`.
    """

    def __call__(
        self,
        step: Step,
        states: Tensor,
        max_length: int,
        num_return: int = 1,
        fixed: Tensor = None,
    ) -> tuple[Tensor, Tensor]:
        for name, value in (("max_length", max_length), ("num_return", num_return)):
            if not isinstance(value, int) or value < 1:
                check_positive(name, value)
        num_hypotheses = self.num_hypotheses(num_return)
        batch_size = ops.shape(keras.tree.flatten(states)[0])[0]
        states = keras.tree.map_structure(
            lambda state: ops.repeat(state, num_hypotheses, axis=0), states
        )

        def take_step(
            last: Tensor, states: Tensor, fixed: Tensor
        ) -> tuple[Tensor, Tensor]:
            last = ops.reshape(last, (-1,))  # (batch, hypotheses) to (rows,)
            return step(last, states) if fixed is None else step(last, states, fixed)

        token_ids, scores = self.search(
            take_step, states, fixed, max_length, batch_size, num_hypotheses
        )
        return token_ids[:, :num_return], scores[:, :num_return]

    def num_hypotheses(self, num_return: int) -> int:
        """Returns the number of hypotheses that a search tracks for each example."""
        return num_return

    def draw(self, rows: Tensor, max_length: int) -> Tensor:
        """Returns random numbers for `choose`, `(rows, max_length)`, or zeros."""
        return ops.zeros((rows, max_length), "float32")

    def choose(self, log_probabilities: Tensor, chance: Tensor) -> Tensor:
        """Returns ids, `(rows,)`, for log-probabilities, `(rows, vocabulary_size)`, and
        a number of `draw` for each row, `(rows,)`."""
        raise NotImplementedError

    def pick(self, scores: Tensor, chance: Tensor) -> Tensor:
        """Makes one choice of a call.

        Args:
            scores: Logits of the next ids, `(rows, vocabulary_size)`.
            chance: A random number from 0 to under 1 for each row, `(rows,)`; only
                random samplers use it.

        Returns:
            Ids, `(rows,)`.
        """
        return self.choose(log_softmax(scores), chance)

    def pick_with_gain(self, logits: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
        """Makes one choice and returns its log-probabilities, `(rows,)`, too."""
        log_probabilities = log_softmax(logits)
        chosen = ops.cast(self.choose(log_probabilities, chance), "int32")
        gains = ops.take_along_axis(log_probabilities, chosen[:, None], axis=1)
        return chosen, gains[:, 0]

    def seeds(self) -> list[Any]:
        """Returns the states of random numbers, Keras variables that a call changes."""
        return []

    def resources(self) -> list[Any]:
        """Returns the variables of a SavedModel."""
        return [seed.value for seed in self.seeds()]

    def search(
        self,
        step: Step,
        states: Tensor,
        fixed: Tensor,
        max_length: int,
        batch_size: Any,
        num_hypotheses: int,
    ) -> tuple[Tensor, Tensor]:
        """Finds hypotheses, the best first: ids, `(batch, num_hypotheses,
        max_length)`, and scores, `(batch, num_hypotheses)`."""
        shape = batch_size, num_hypotheses
        places = ops.arange(max_length, dtype="int32")
        chances = self.draw(batch_size * num_hypotheses, max_length)
        rows = {
            "is_done": ops.zeros((batch_size,), "bool"),
            "chances": ops.reshape(chances, (-1, num_hypotheses, max_length)),
            "last": ops.full(shape, START_ID, "int32"),
            "token_ids": ops.full((*shape, max_length), PAD_ID, "int32"),
            "has_ended": ops.zeros(shape, "bool"),
            "total": ops.zeros(shape, "float32"),
            "length": ops.zeros(shape, "float32"),
        }

        def body(
            t: Tensor, rows: Rows, states: Tensor, fixed: Tensor
        ) -> tuple[Rows, Any]:
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


def emitted(logits: Tensor) -> Tensor:
    """Returns logits, `(…, vocabulary_size)`, in float32, with very low ones for ids
    that are never emitted."""
    size = logits.shape[-1]
    added = [NEVER if i in NEVER_EMITTED else 0.0 for i in range(size)]
    return ops.cast(logits, "float32") + ops.convert_to_tensor(added, "float32")


def log_softmax(logits: Tensor) -> Tensor:
    """Returns the log-probabilities of ids, very low for those never emitted."""
    return ops.log_softmax(emitted(logits), axis=-1)


def likeliest(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the likeliest id of each row, `(rows,)`, and its log-probability,
    `(rows,)`, for logits, `(rows, vocabulary_size)`."""
    logits = emitted(logits)
    chosen = ops.cast(ops.argmax(logits, axis=-1), "int32")
    most = ops.max(logits, axis=-1, keepdims=True)
    return chosen, -ops.log(ops.sum(ops.exp(logits - most), axis=-1))


def follow(
    body: Body,
    finish: Callable[[Rows], tuple[Any, Any]],
    rows: Rows,
    states: Tensor,
    fixed: Tensor,
    max_length: int,
    num_hypotheses: int,
) -> tuple[Tensor, Tensor]:
    """Repeats a step until all examples are done, or `max_length` times.

    If `fixed` is given, finished examples leave the batch as soon as they are an eighth
    of it, except on JAX, whose tensors cannot shrink.

    Args:
        body: One step.
        finish: Function from the tensors of examples to their hypotheses, the best
            first: ids, `(batch, num_hypotheses, max_length)`, and scores, `(batch,
            num_hypotheses)`.
        rows: The tensors of each example, `(batch, …)`, among them `"is_done"`.
        states: States of the step function, a nest of tensors of shape `(batch *
            num_hypotheses, …)`.
        fixed: Constants of each example, a nest of tensors of shape `(batch, …)`;
            `None` if the step must always receive all examples.
        max_length: Largest number of steps.
        num_hypotheses: Hypotheses of each example.

    Returns:
        The result of `finish` for all examples.
    """

    def advance(
        t: Tensor, rows: Rows, states: Tensor, fixed: Tensor, fewest: Any
    ) -> tuple[Any, Rows, Any]:
        """Repeats the step while more than `fewest` examples are open."""

        def is_open(t: Tensor, rows: Rows, states: Tensor) -> Tensor:
            is_open = ops.logical_not(rows["is_done"])
            count = ops.sum(ops.cast(is_open, "int32"))
            return ops.logical_and(t < max_length, count > fewest)

        def go_on(t: Tensor, rows: Rows, states: Tensor) -> tuple[Any, Rows, Any]:
            return t + 1, *body(t, rows, states, fixed)

        return ops.while_loop(is_open, go_on, (t, rows, states))

    first = ops.convert_to_tensor(0, "int32")
    if fixed is None or keras.backend.backend() == "jax":
        return finish(advance(first, rows, states, fixed, 0)[1])

    def keep(
        kept: Tensor, rows: Rows, states: Tensor, fixed: Tensor
    ) -> tuple[Rows, Any, Any]:
        def keep_state(state: Tensor) -> Tensor:
            shape = state.shape[1:]
            state = ops.reshape(state, (-1, num_hypotheses, *shape))
            return ops.reshape(take(state, kept), (-1, *shape))

        def keep_row(row: Any) -> Any:
            return take(row, kept)

        return (
            keras.tree.map_structure(keep_row, rows),
            keras.tree.map_structure(keep_state, states),
            keras.tree.map_structure(keep_row, fixed),
        )

    def any_left(t: Tensor, places: Tensor, *_: Any) -> Tensor:
        return ops.shape(places)[0] > 0

    def go_on(
        t: Tensor,
        places: Tensor,
        rows: Rows,
        states: Tensor,
        fixed: Tensor,
        token_ids: Tensor,
        scores: Tensor,
    ) -> tuple[Any, ...]:
        fewest = ops.shape(places)[0] * 7 // 8
        t, rows, states = advance(t, rows, states, fixed, fewest)
        leaves = ops.logical_or(rows["is_done"], t >= max_length)
        gone, kept = where(leaves), where(ops.logical_not(leaves))
        new_ids, new_scores = finish(
            keras.tree.map_structure(lambda row: take(row, gone), rows)
        )
        to = take(places, gone)[:, None]
        token_ids = ops.scatter_update(token_ids, to, new_ids)
        scores = ops.scatter_update(scores, to, new_scores)
        places = take(places, kept)
        return t, places, *keep(kept, rows, states, fixed), token_ids, scores

    # After `take` the static shapes leave the number of rows open.
    is_any = ops.ones_like(rows["is_done"])
    places = where(is_any)
    batch_size = ops.shape(is_any)[0]
    shape = (batch_size, num_hypotheses)
    token_ids = ops.zeros((*shape, max_length), "int32")
    scores = ops.zeros(shape, "float32")
    begin = first, places, *keep(places, rows, states, fixed), token_ids, scores
    *_, token_ids, scores = ops.while_loop(any_left, go_on, begin)
    return token_ids, scores


def where(is_so: Tensor) -> Tensor:
    """Returns the places of the true entries of a vector."""
    return ops.cast(ops.nonzero(is_so)[0], "int32")


def take(values: Tensor, places: Tensor) -> Tensor:
    """Returns entries of the first axis, by places that are not negative.

    `ops.take` supports negative places with seven more operations on TensorFlow, which
    slow the tracing of a graph.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.gather(values, places)
    return ops.take(values, places, axis=0)


def pick(values: Tensor, places: Tensor) -> Tensor:
    """Returns entries of the second axis, different ones for each row.

    Args:
        values: `(batch, entries, …)`.
        places: Integers of shape `(batch, picked)`.

    Returns:
        `(batch, picked, …)`.
    """
    batch, entries = ops.shape(values)[:2]
    first = ops.arange(batch, dtype="int32")[:, None] * entries
    rows = ops.reshape(values, (-1, *values.shape[2:]))
    return take(rows, first + ops.cast(places, "int32"))
