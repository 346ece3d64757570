"""Beam search: the best of several hypotheses followed side by side."""

import math
from typing import Any

import keras
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import Tensor
from rnnzoo.samplers.sampler import (
    NEVER,
    Rows,
    Sampler,
    Step,
    emitted,
    follow,
    log_softmax,
    pick,
    take,
)
from rnnzoo.text import END_ID, PAD_ID, START_ID

FEW = 256  # size of a vocabulary that is sorted without groups
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
        states: Tensor,
        fixed: Tensor,
        max_length: int,
        batch_size: Any,
        num_hypotheses: int,
    ) -> tuple[Tensor, Tensor]:
        beams = num_hypotheses
        shape = batch_size, beams
        places = ops.arange(max_length, dtype="int32")
        order = ops.arange(beams, dtype="int32")
        no_ids = ops.full((*shape, max_length), PAD_ID, "int32")
        first_only = ops.convert_to_tensor([0.0, *[NEVER] * (beams - 1)], "float32")
        rows = {
            "is_done": ops.zeros((batch_size,), "bool"),
            "last": ops.full(shape, START_ID, "int32"),
            "token_ids": no_ids,
            # All hypotheses start equal: only the first one counts.
            "totals": ops.zeros(shape, "float32") + first_only,
            "ended": no_ids,
            "scores": ops.full(shape, NEVER, "float32"),
            "num_ended": ops.zeros((batch_size,), "int32"),
        }

        def body(
            t: Tensor, rows: Rows, states: Tensor, fixed: Tensor
        ) -> tuple[Rows, Any]:
            logits, states = step(rows["last"], states, fixed)
            # Twice as many as beams: at most one continuation of each ends.
            sums, parents, chosen = best_continuations(
                logits, rows["totals"], 2 * beams
            )
            is_end = chosen == END_ID

            # Ended among the best: into the pool, unless the row was done before.
            best = sums[:, :beams]
            counts = ops.logical_and(is_end[:, :beams], best > NEVER / 2)
            counts = ops.logical_and(counts, ops.logical_not(rows["is_done"])[:, None])
            length = ops.cast(t + 1, "float32")
            new = ops.where(counts, best / length**self.length_penalty, NEVER)
            scores, kept = ops.top_k(
                ops.concatenate([rows["scores"], new], axis=1), beams
            )
            ended = pick(
                ops.concatenate([rows["ended"], rows["token_ids"]], axis=1),
                pick(
                    ops.concatenate(
                        [order + ops.zeros_like(kept), parents[:, :beams] + beams],
                        axis=1,
                    ),
                    kept,
                ),
            )
            is_new = (kept >= beams)[:, :, None]
            ended = ops.where(ops.logical_and(is_new, places == t), END_ID, ended)
            num_ended = rows["num_ended"]
            num_ended = num_ended + ops.sum(ops.cast(counts, "int32"), axis=1)

            # The best others are followed further.
            totals, kept = ops.top_k(ops.where(is_end, NEVER, sums), beams)
            last, parents = pick(chosen, kept), pick(parents, kept)
            token_ids = pick(rows["token_ids"], parents)
            first_row = ops.arange(ops.shape(parents)[0], dtype="int32") * beams
            source = ops.reshape(first_row[:, None] + parents, (-1,))
            return {
                "is_done": num_ended >= beams,
                "last": last,
                "token_ids": ops.where(places == t, last[:, :, None], token_ids),
                "totals": totals,
                "ended": ended,
                "scores": scores,
                "num_ended": num_ended,
            }, keras.tree.map_structure(lambda state: take(state, source), states)

        def finish(rows: Rows) -> tuple[Any, Any]:
            # Open hypotheses fill up what is missing, behind all that ended.
            rest = rows["totals"] / float(max_length) ** self.length_penalty
            rest = ops.where(rows["is_done"][:, None], NEVER, rest)
            known = ops.concatenate([rows["scores"], rest - OPEN_PENALTY], axis=1)
            _, order = ops.top_k(known, beams)
            token_ids = ops.concatenate([rows["ended"], rows["token_ids"]], axis=1)
            scores = ops.concatenate([rows["scores"], rest], axis=1)
            return pick(token_ids, order), pick(scores, order)

        return follow(body, finish, rows, states, fixed, max_length, beams)


def best_continuations(
    logits: Tensor, totals: Tensor, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the likeliest continuations of the hypotheses of each example.

    The best `count` are in the `count` groups of ids with the best maxima, so that only
    these groups are sorted.

    Args:
        logits: Of the next ids, `(batch * beams, vocabulary_size)`.
        totals: Log-probabilities of the hypotheses, `(batch, beams)`.
        count: Number of continuations. At most `beams * vocabulary_size`.

    Returns:
        Log-probabilities of the continuations, the best first, the number of the
        hypothesis of each, and its id: all `(batch, count)`.
    """
    size, beams = logits.shape[-1], totals.shape[1]
    group = group_size(size)
    if size < FEW or beams * (size // group) < count:
        gains = ops.reshape(log_softmax(logits), (-1, beams, size))
        sums = ops.reshape(totals[:, :, None] + gains, (-1, beams * size))
        sums, best = ops.top_k(sums, count)
        return sums, ops.cast(best // size, "int32"), ops.cast(best % size, "int32")
    logits = emitted(logits)
    missing = -size % group
    if missing:
        logits = ops.pad(logits, [[0, 0], [0, missing]], constant_values=2 * NEVER)
    groups = (size + missing) // group  # of each hypothesis
    maxima = ops.max(ops.reshape(logits, (-1, beams, groups, group)), axis=-1)
    most = ops.max(maxima, axis=-1, keepdims=True)  # (batch, beams, 1)
    shares = ops.exp(logits - ops.reshape(most, (-1, 1)))
    rest = ops.reshape(ops.log(ops.sum(shares, axis=-1)), (-1, beams, 1))
    maxima = totals[:, :, None] + (maxima - most - rest)
    _, chosen = ops.top_k(ops.reshape(maxima, (-1, beams * groups)), count)
    # In the order of the ids, so that the first of equal ones is found.
    chosen = ops.sort(ops.cast(chosen, "int32"), axis=-1)
    values = pick(ops.reshape(logits, (-1, beams * groups, group)), chosen)
    parents = chosen // groups
    of_parents = pick(
        ops.concatenate([most, rest, totals[:, :, None]], axis=-1), parents
    )
    most, rest, totals = (of_parents[..., i : i + 1] for i in range(3))
    sums = ops.reshape(totals + (values - most - rest), (-1, count * group))
    sums, best = ops.top_k(sums, count)
    best = ops.cast(best, "int32")
    place = best // group
    ids = pick(chosen, place) % groups * group + best % group
    return sums, pick(parents, place), ids


def group_size(vocabulary_size: int) -> int:
    """Returns the size of a group of ids: about the size at which both sorts cost the
    same, a divisor of the vocabulary's size if there is one near."""
    wanted = math.sqrt(vocabulary_size / 2)
    near = [
        size
        for size in range(max(int(wanted / 2), 1), int(2 * wanted) + 1)
        if vocabulary_size % size == 0
    ]
    return min(near or [round(wanted)], key=lambda size: abs(size - wanted))
