"""Beam search: the best of several hypotheses followed side by side."""

from typing import Any

import keras
from keras import ops

from rnnzoo.checks import check_positive
from rnnzoo.samplers.sampler import NEVER, Sampler, Step, log_softmax
from rnnzoo.text import END_ID, PAD_ID, START_ID

OPEN_PENALTY = 1e4  # more than scores differ


class BeamSampler(Sampler):
    """Follows the `num_beams` likeliest hypotheses and gives the best that ended.

    At every step each hypothesis is continued with every id. Among the best
    `num_beams` continuations, those by the end token are finished; the best others
    are followed further. A row is done when `num_beams` are finished; if too few are
    at `max_length`, those still open come behind them, whatever their scores. The call
    is that of `Sampler`.

    Args:
        num_beams: Hypotheses for each example. One is greedy choice. Positive.
            Default 5.
        length_penalty: A finished hypothesis has the score
            log-probability / length ** `length_penalty`: at 1 the mean
            log-probability of an id, under 1 shorter ones are preferred. Not
            negative. Default 1.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    ```python
    import numpy as np
    from rnnzoo.samplers import BeamSampler

    def step(token_ids, states):
        return np.array([[0.0, 0.0, 0.0, 9.0, 8.0]] * 2), states

    sampler = BeamSampler(num_beams=2)
    token_ids, scores = sampler(step, np.zeros((1,)), max_length=2, num_return=2)
    assert np.array(token_ids).tolist() == [[[3, 0], [4, 3]]]
    ```

    References:
        - Wu et al., "Google's Neural Machine Translation System", 2016: length
          normalisation.
    """

    def __init__(self, num_beams: int = 5, length_penalty: float = 1.0):
        if not length_penalty >= 0:
            raise ValueError(
                "`length_penalty` must not be negative. Received: "
                f"length_penalty={length_penalty}"
            )
        self.num_beams = check_positive("num_beams", num_beams)
        self.length_penalty = length_penalty

    def num_hypotheses(self, num_return: int) -> int:
        if num_return > self.num_beams:
            raise ValueError(
                f"`num_return` must be at most {self.num_beams}, the number of beams. "
                f"Received: num_return={num_return}"
            )
        return self.num_beams

    def search(
        self,
        step: Step,
        states: Any,
        max_length: int,
        batch_size: Any,
        num_hypotheses: int,
    ) -> tuple[Any, Any]:
        beams = num_hypotheses
        places = ops.arange(max_length)
        first_row = ops.arange(batch_size)[:, None] * beams  # of each example

        def is_open(t: Any, last: Any, is_done: Any, *_: Any) -> Any:
            return ops.logical_not(ops.all(is_done))

        def body(
            t: Any,
            last: Any,
            is_done: Any,
            token_ids: Any,
            totals: Any,
            ended: Any,
            scores: Any,
            num_ended: Any,
            states: Any,
        ) -> tuple[Any, ...]:
            logits, states = step(ops.reshape(last, (-1,)), states)
            size = logits.shape[-1]
            gains = ops.reshape(log_softmax(logits), (-1, beams, size))
            # Twice as many as beams: at most one continuation of each ends.
            sums = ops.reshape(totals[:, :, None] + gains, (-1, beams * size))
            sums, best = ops.top_k(sums, 2 * beams)  # (batch, 2 * beams)
            parents = ops.cast(best // size, "int32")
            chosen = ops.cast(best % size, "int32")
            rows = ops.take_along_axis(token_ids, parents[:, :, None], axis=1)
            rows = ops.where(places == t, chosen[:, :, None], rows)
            is_end = chosen == END_ID

            # Ended among the best: into the pool, unless the row was done before.
            length = ops.cast(t + 1, "float32")
            counts = ops.logical_and(is_end, ops.arange(2 * beams) < beams)
            counts = ops.logical_and(counts, ops.logical_not(is_done)[:, None])
            counts = ops.logical_and(counts, sums > NEVER / 2)
            new = ops.where(counts, sums / length**self.length_penalty, NEVER)
            scores, kept = ops.top_k(ops.concatenate([scores, new], axis=1), beams)
            ended = ops.concatenate([ended, rows], axis=1)
            ended = ops.take_along_axis(ended, kept[:, :, None], axis=1)
            num_ended = num_ended + ops.sum(ops.cast(counts, "int32"), axis=1)

            # The best others are followed further.
            totals, kept = ops.top_k(ops.where(is_end, NEVER, sums), beams)
            token_ids = ops.take_along_axis(rows, kept[:, :, None], axis=1)
            last = ops.take_along_axis(chosen, kept, axis=1)
            parents = ops.take_along_axis(parents, kept, axis=1)
            source = ops.reshape(first_row + parents, (-1,))
            states = keras.tree.map_structure(
                lambda state: ops.take(state, source, axis=0), states
            )
            is_done = num_ended >= beams
            return (
                t + 1,
                last,
                is_done,
                token_ids,
                totals,
                ended,
                scores,
                num_ended,
                states,
            )

        shape = (batch_size, beams)
        # All hypotheses start equal: only the first one counts.
        totals = ops.where(ops.arange(beams) == 0, 0.0, NEVER) + ops.zeros(shape)
        first = (
            ops.convert_to_tensor(0, "int32"),
            ops.full(shape, START_ID, "int32"),
            ops.zeros((batch_size,), "bool"),
            ops.full((*shape, max_length), PAD_ID, "int32"),
            totals,
            ops.full((*shape, max_length), PAD_ID, "int32"),
            ops.full(shape, NEVER, "float32"),
            ops.zeros((batch_size,), "int32"),
            states,
        )
        _, _, is_done, token_ids, totals, ended, scores, _, _ = ops.while_loop(
            is_open, body, first, maximum_iterations=max_length
        )
        # Open hypotheses fill up what is missing, behind all that ended.
        rest = totals / float(max_length) ** self.length_penalty
        rest = ops.where(is_done[:, None], NEVER, rest)
        _, order = ops.top_k(
            ops.concatenate([scores, rest - OPEN_PENALTY], axis=1), beams
        )
        scores = ops.concatenate([scores, rest], axis=1)
        token_ids = ops.concatenate([ended, token_ids], axis=1)
        return (
            ops.take_along_axis(token_ids, order[:, :, None], axis=1),
            ops.take_along_axis(scores, order, axis=1),
        )
