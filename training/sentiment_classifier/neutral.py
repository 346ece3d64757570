"""Neutral sentences: those in which the teacher finds least evidence.

Their target is equal for all labels, so that a classifier of reviews does not give
every text a confident label. In some of them most words are unknown, as in a text of
another language.
"""

from collections.abc import Collection, Sequence

import numpy as np

from rnnzoo.text import END_ID, UNKNOWN_ID

LENGTHS = 4, 24  # words of a sentence
CALMEST = 0.04  # share of the sentences that are taken for neutral
STRANGE = 0.25  # share of those chosen in which words are hidden


def find_neutral(
    rows: Sequence[np.ndarray],
    steps: Sequence[np.ndarray],
    stops: Collection[int],
    count: int,
    seed: int,
) -> list[np.ndarray]:
    """Draws sentences with the least evidence in their words and in their sum.

    Args:
        rows: Ids of the words of each text, and the end.
        steps: The evidence in each: see `training.sentiment_classifier.evidence`.
        stops: Ids of the marks that end a sentence.
        count: Number of sentences at most.
        seed: Seed of the draw.

    Returns:
        Ids of the words of each sentence, and the end.
    """
    ids = np.concatenate(rows)
    said = np.concatenate([part[:, 0] for part in steps]).astype("float32")
    is_last = np.isin(ids, [*stops, END_ID])
    is_last[-1] = True
    ends = np.flatnonzero(is_last) + 1
    starts = np.concatenate([[0], ends[:-1]])
    # The end of a text is none of its words.
    sizes = ends - starts - (ids[ends - 1] == END_ID)
    known = np.add.reduceat((ids != UNKNOWN_ID).astype("int64"), starts)
    loud = np.add.reduceat(np.abs(said), starts) / (ends - starts)
    side = np.abs(np.add.reduceat(said, starts)) / np.sqrt(ends - starts)
    least, most = LENGTHS
    fits = (sizes >= least) & (sizes <= most) & (known >= 0.8 * (ends - starts))
    (fitting,) = np.nonzero(fits)
    unrest = loud[fitting] + side[fitting]
    calm = fitting[np.argsort(unrest, kind="stable")[: int(CALMEST * len(fitting))]]
    draw = np.random.default_rng(seed)
    chosen = draw.permutation(calm)[:count]
    found = [
        np.append(ids[starts[i] : starts[i] + sizes[i]], END_ID).astype(ids.dtype)
        for i in chosen
    ]
    for row in found[: int(STRANGE * len(found))]:
        is_hidden = draw.random(len(row) - 1) < draw.uniform(0.5, 1.2)
        row[:-1][is_hidden] = UNKNOWN_ID
    return found
