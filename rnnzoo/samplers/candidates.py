"""The likeliest continuations, found without sorting the vocabulary."""

import math
from typing import Any

from keras import ops

from rnnzoo.samplers.following import pick
from rnnzoo.text import PAD_ID, START_ID, UNKNOWN_ID

NEVER = -1e9  # a log-probability that no sum of others reaches
NEVER_EMITTED = (PAD_ID, UNKNOWN_ID, START_ID)
FEW = 256  # ids that are not worth grouping


def emitted(logits: Any) -> Any:
    """Logits, `(…, vocabulary_size)`, in float32, with those of ids that are never
    emitted out of reach."""
    size = logits.shape[-1]
    added = [NEVER if i in NEVER_EMITTED else 0.0 for i in range(size)]
    return ops.cast(logits, "float32") + ops.convert_to_tensor(added, "float32")


def log_softmax(logits: Any) -> Any:
    """Log-probabilities of all ids but those that are never emitted."""
    return ops.log_softmax(emitted(logits), axis=-1)


def likeliest(logits: Any) -> tuple[Any, Any]:
    """The likeliest id of each row, `(rows,)`, and its log-probability, `(rows,)`, by
    logits, `(rows, vocabulary_size)`."""
    logits = emitted(logits)
    chosen = ops.cast(ops.argmax(logits, axis=-1), "int32")
    most = ops.max(logits, axis=-1, keepdims=True)
    return chosen, -ops.log(ops.sum(ops.exp(logits - most), axis=-1))


def best_continuations(logits: Any, totals: Any, count: int) -> tuple[Any, Any, Any]:
    """The likeliest ways to go on with the hypotheses of each example.

    The best are in the groups with the best maxima: only of so many groups, and not of
    all hypotheses and ids, are they chosen.

    Args:
        logits: Of the next ids, `(batch * beams, vocabulary_size)`.
        totals: Log-probabilities of the hypotheses, `(batch, beams)`.
        count: Number of continuations. At most `beams * vocabulary_size`.

    Returns:
        Log-probabilities of the continuations, the best first, which hypothesis each
        goes on with, and by which id: all `(batch, count)`.
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
    """How many ids are looked at together: about as many as make the two choices
    alike; a divisor of the size, if there is one near."""
    wanted = math.sqrt(vocabulary_size / 2)
    near = [
        size
        for size in range(max(int(wanted / 2), 1), int(2 * wanted) + 1)
        if vocabulary_size % size == 0
    ]
    return min(near or [round(wanted)], key=lambda size: abs(size - wanted))
