"""The samplers of `rnnzoo.samplers`, in NumPy.

A step maps the last ids, `(rows,)`, and states to the logits of the next ids,
`(rows, vocabulary_size)`, and the new states.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from rnnzoo.onnx.texts import END_ID, PAD_ID, START_ID, UNKNOWN_ID

NEVER = np.float32(-1e9)  # a log-probability that no sum of others reaches


def make_search(
    settings: dict[str, Any], max_length: int, num_return: int, seed: int | None
) -> Callable[..., Any]:
    """Returns a function from a step, initial states and the number of examples to ids,
    `(batch, hypotheses, max_length)`, and scores, `(batch, hypotheses)`, best first."""
    known = {
        "num_beams": 5,
        "length_penalty": 1.0,
        "k": 5,
        "p": 0.9,
        "temperature": 1.0,
    }
    kind = settings["kind"]
    unknown = sorted(set(settings) - {*known, "kind", "open_penalty"})
    chosen = {**known, **settings}
    if kind not in ("beam", "greedy", "top_k", "top_p") or unknown:
        raise ValueError(
            "The sampler must be 'beam', 'greedy', 'top_k' or 'top_p', with settings "
            f"among {[*known]}. Received: {settings}"
        )
    most = {"beam": chosen["num_beams"], "greedy": 1}.get(kind, max(num_return, 1))
    if not 1 <= num_return <= most:
        raise ValueError(
            f"`num_return` must be from 1 to {most}, the number of hypotheses. "
            f"Received: num_return={num_return}"
        )
    given = {"max_length": max_length, **chosen}
    for name in ("max_length", "num_beams", "k", "p", "temperature"):
        if not given[name] > 0:
            raise ValueError(f"`{name}` must be over 0. Received: {name}={given[name]}")
    if kind == "beam":
        return partial(
            search_beams,
            length=max_length,
            beams=most,
            penalty=chosen["length_penalty"],
            open_penalty=chosen["open_penalty"],
        )
    pick = partial(
        draw,
        chances=np.random.default_rng(seed),
        k={"greedy": 1, "top_k": chosen["k"]}.get(kind),
        p=chosen["p"] if kind == "top_p" else None,
        temperature=chosen["temperature"],
    )
    return partial(search_by_chance, length=max_length, count=most, pick=pick)


def search_beams(
    step: Any,
    states: list[Any],
    batch: int,
    length: int,
    beams: int,
    penalty: float,
    open_penalty: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Beam search. Examples with as many finished texts as beams leave the batch."""
    states = [np.repeat(state, beams, axis=0) for state in states]
    shape = batch, beams
    # All hypotheses are equal at first: only the first one counts.
    totals = np.where(np.arange(beams) == 0, np.float32(0), np.full(shape, NEVER))
    last = np.full(shape, START_ID, "int32")
    rows = np.full((*shape, length), PAD_ID, "int32")
    ended, scores = rows, np.full(shape, NEVER)
    num_ended = np.zeros(batch, int)
    places, found, found_scores = np.arange(batch), rows.copy(), scores.copy()
    for t in range(length):
        logits, states = step(last.reshape(-1), states)
        size = logits.shape[-1]
        sums = totals[:, :, None] + log_softmax(logits).reshape(-1, beams, size)
        # Twice as many as beams: at most one continuation of each ends.
        sums, best = top(sums.reshape(len(places), -1), 2 * beams)
        parents, chosen = best // size, (best % size).astype("int32")
        rows = np.take_along_axis(rows, parents[:, :, None], 1)
        rows[:, :, t] = chosen
        is_end = chosen == END_ID
        counts = is_end & (np.arange(2 * beams) < beams) & (sums > NEVER / 2)
        new = np.where(counts, sums / np.float32((t + 1) ** penalty), NEVER)
        scores, kept = top(np.concatenate([scores, new], 1), beams)
        ended = np.concatenate([ended, rows], 1)
        ended = np.take_along_axis(ended, kept[:, :, None], 1)
        num_ended += counts.sum(axis=1)
        # The best others are followed further.
        totals, kept = top(np.where(is_end, NEVER, sums), beams)
        rows = np.take_along_axis(rows, kept[:, :, None], 1)
        last = np.take_along_axis(chosen, kept, 1)
        source = np.arange(len(places))[:, None] * beams
        source = source + np.take_along_axis(parents, kept, 1)
        is_open = num_ended < beams
        if not is_open.all():
            done = places[~is_open]
            found[done], found_scores[done] = ended[~is_open], scores[~is_open]
            places, num_ended, source = (
                x[is_open] for x in (places, num_ended, source)
            )
            totals, last, rows, ended, scores = (
                x[is_open] for x in (totals, last, rows, ended, scores)
            )
        if not len(places):
            break
        states = [state[source.reshape(-1)] for state in states]
    # Open hypotheses fill up what is missing, behind all that ended.
    rest = totals / length**penalty
    _, order = top(np.concatenate([scores, rest - np.float32(open_penalty)], 1), beams)
    ended = np.concatenate([ended, rows], 1)
    found[places] = np.take_along_axis(ended, order[:, :, None], 1)
    scores = np.concatenate([scores, rest], 1)
    found_scores[places] = np.take_along_axis(scores, order, 1)
    return found, found_scores


def search_by_chance(
    step: Any, states: list[Any], batch: int, length: int, count: int, pick: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Samples hypotheses with `pick`."""
    states = [np.repeat(state, count, axis=0) for state in states]
    last = np.full(batch * count, START_ID, "int32")
    token_ids = np.full((len(last), length), PAD_ID, "int32")
    total, is_done = np.zeros(len(last), "float32"), np.zeros(len(last), bool)
    for t in range(length):
        logits, states = step(last, states)
        gains = log_softmax(logits)
        last = pick(gains).astype("int32")
        total += np.where(is_done, 0, gains[np.arange(len(last)), last])
        last[is_done] = PAD_ID
        token_ids[:, t] = last
        is_done |= last == END_ID
        if is_done.all():
            break
    scores = (total / (token_ids != PAD_ID).sum(axis=1)).reshape(batch, count)
    scores, order = top(scores, count)
    found = token_ids.reshape(batch, count, length)
    return np.take_along_axis(found, order[:, :, None], 1), scores


def draw(
    gains: np.ndarray, chances: Any, k: int | None, p: float | None, temperature: float
) -> np.ndarray:
    """Draws an id for each row of log-probabilities, among the `k` likeliest or the
    fewest with a total probability of `p`."""
    gains, ids = top(gains, k or gains.shape[1])
    share = np.exp((gains - gains[:, :1]) / temperature)
    share /= share.sum(axis=1, keepdims=True)
    if p is not None:
        share = np.where(np.cumsum(share, axis=1) - share < p, share, 0)
    reached = np.cumsum(share, axis=1)
    passed = reached < chances.random((len(ids), 1)) * reached[:, -1:]
    place = np.minimum(passed.sum(axis=1, keepdims=True), ids.shape[1] - 1)
    return np.take_along_axis(ids, place, 1)[:, 0]


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Returns log-probabilities, without the ids that are never generated."""
    logits = logits.copy()
    logits[:, [PAD_ID, UNKNOWN_ID, START_ID]] = NEVER
    return logits - log_sum_exp(logits)[:, None]


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Returns log(sum(exp(logits))) of each row."""
    most = logits.max(axis=1)
    return most + np.log(np.exp(logits - most[:, None]).sum(axis=1))


def top(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the largest values of each row and their places, the first of ties."""
    count = min(count, values.shape[1])
    least = -np.partition(-values, count - 1, axis=1)[:, count - 1]
    order = np.empty((len(values), count), int)
    for i, row in enumerate(values):
        (able,) = np.nonzero(row >= least[i])
        order[i] = able[np.argsort(-row[able], kind="stable")][:count]
    return np.take_along_axis(values, order, 1), order
