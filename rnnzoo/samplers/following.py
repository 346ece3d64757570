"""The loop that samplers share: it goes on with the examples that are not done."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Rows = dict[str, Any]
# Maps the number of the step, what is known of each example, the states of the step
# function, and what it was given beside them, to the new of the first two.
Body = Callable[[Any, Rows, Any, Any], tuple[Rows, Any]]


def follow(
    body: Body,
    finish: Callable[[Rows], tuple[Any, Any]],
    rows: Rows,
    states: Any,
    fixed: Any,
    max_length: int,
    num_hypotheses: int,
) -> tuple[Any, Any]:
    """Repeats a step until all examples are done, or `max_length` times.

    Where a step is told what to work on, it is not told of examples that are done: as
    soon as an eighth of them are, they leave the batch. JAX, which knows no tensors
    that shrink, takes them along.

    Args:
        body: One step.
        finish: Makes of what is known of examples their hypotheses, the best first:
            ids, `(batch, num_hypotheses, max_length)`, and scores, `(batch,
            num_hypotheses)`.
        rows: What is known of each example, tensors of shape `(batch, …)`; `"is_done"`
            among them.
        states: States of the step function, a nest of tensors of shape `(batch *
            num_hypotheses, …)`.
        fixed: What it is given of each example, a nest of tensors of shape
            `(batch, …)`; `None` if it must always see all examples.
        max_length: Steps at most.
        num_hypotheses: Hypotheses of each example.

    Returns:
        What `finish` gives, for all examples.
    """

    def advance(
        t: Any, rows: Rows, states: Any, fixed: Any, fewest: Any
    ) -> tuple[Any, Rows, Any]:
        """Goes on while more than `fewest` examples are open."""

        def is_open(t: Any, rows: Rows, states: Any) -> Any:
            is_open = ops.logical_not(rows["is_done"])
            count = ops.sum(ops.cast(is_open, "int32"))
            return ops.logical_and(t < max_length, count > fewest)

        def go_on(t: Any, rows: Rows, states: Any) -> tuple[Any, Rows, Any]:
            return t + 1, *body(t, rows, states, fixed)

        return ops.while_loop(is_open, go_on, (t, rows, states))

    first = ops.convert_to_tensor(0, "int32")
    if fixed is None or keras.backend.backend() == "jax":
        return finish(advance(first, rows, states, fixed, 0)[1])

    def keep(kept: Any, rows: Rows, states: Any, fixed: Any) -> tuple[Rows, Any, Any]:
        def keep_state(state: Any) -> Any:
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

    def any_left(t: Any, places: Any, *_: Any) -> Any:
        return ops.shape(places)[0] > 0

    def go_on(
        t: Any,
        places: Any,
        rows: Rows,
        states: Any,
        fixed: Any,
        token_ids: Any,
        scores: Any,
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

    # Taken by places, tensors do not claim to keep their number of rows.
    is_any = ops.ones_like(rows["is_done"])
    places = where(is_any)
    batch_size = ops.shape(is_any)[0]
    shape = (batch_size, num_hypotheses)
    token_ids = ops.zeros((*shape, max_length), "int32")
    scores = ops.zeros(shape, "float32")
    begin = first, places, *keep(places, rows, states, fixed), token_ids, scores
    *_, token_ids, scores = ops.while_loop(any_left, go_on, begin)
    return token_ids, scores


def where(is_so: Any) -> Any:
    """The places of what is true in a vector of booleans."""
    return ops.cast(ops.nonzero(is_so)[0], "int32")


def take(values: Any, places: Any) -> Any:
    """Entries of the first axis, by places that are not negative.

    `ops.take` allows for negative ones: on TensorFlow with seven more operations, which
    take their time when a graph is made.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.gather(values, places)
    return ops.take(values, places, axis=0)


def pick(values: Any, places: Any) -> Any:
    """Entries of the second axis, for each row its own.

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
