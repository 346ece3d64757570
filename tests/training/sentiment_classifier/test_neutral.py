"""Neutral sentences: those in which the teacher sees nothing."""

import numpy as np

from rnnzoo.text import END_ID, UNKNOWN_ID
from training.sentiment_classifier.neutral import find_neutral

STOP = 4


def test_the_calmest_sentences_are_drawn():
    draw = np.random.default_rng(0)
    rows, steps, calm = [], [], set()
    for i in range(100):
        words = draw.integers(5, 50, 20).astype("int32")
        words[[9, 19]] = STOP
        said = draw.normal(size=(21, 2))
        if i < 10:  # nothing is said in the second sentence
            said[10:20] = 0
            calm.add(tuple(words[10:]))
        rows.append(np.append(words, END_ID).astype("int32"))
        steps.append(said)
    found = find_neutral(rows, steps, [STOP], 100, seed=1)
    assert len(found) == 8  # 4 % of 200
    assert all(row[-1] == END_ID for row in found)
    strange = [row for row in found if UNKNOWN_ID in row]
    assert len(strange) == 2
    assert {tuple(row[:-1]) for row in found if UNKNOWN_ID not in row} < calm
    again = find_neutral(rows, steps, [STOP], 100, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(found, again, strict=True))


def test_short_long_and_unknown_ones_are_not():
    rows = [np.array([*[6] * size, STOP, END_ID]) for size in (1, 60)]
    rows.append(np.array([*[UNKNOWN_ID] * 9, STOP, END_ID]))
    steps = [np.zeros((len(row), 2)) for row in rows]
    assert find_neutral(rows, steps, [STOP], 9, seed=0) == []
