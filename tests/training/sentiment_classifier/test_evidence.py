"""The teacher: what it knows of phrases, and that it judges what it has not seen."""

import numpy as np

from training.sentiment_classifier.evidence import collect_evidence

GOOD, BAD, NOT, END = 4, 5, 6, 3


def make_rows(count, seed):
    """Texts whose label hangs on whether `not` stands before `good`, and chaff."""
    rng = np.random.default_rng(seed)
    rows, labels = [], []
    for i in range(count):
        label = i % 2
        told = [GOOD] if label else [NOT, GOOD]
        chaff = rng.integers(10, 40, rng.integers(3, 9))
        # A lone `not` in good texts: as words alone both kinds are alike.
        rest = [NOT, 9] if label else []
        after = rng.integers(10, 40, 3)
        rows.append(np.array([*chaff, *told, 8, *rest, *after, END], "int32"))
        labels.append(label)
    return rows, np.array(labels)


def test_phrases_tell_where_they_end_and_begin():
    rows, labels = make_rows(200, 0)
    probabilities, steps = collect_evidence(rows, labels, folds=4, seed=0)
    assert ((probabilities > 0.5) == labels).mean() > 0.95
    row = rows[0]
    (place,) = np.flatnonzero(row == GOOD)
    steps = steps[0]
    assert steps.shape == (len(row), 2)
    assert row[place - 1] == NOT
    ends, begins = steps[:, 0], steps[:, 1]
    # "not good" ends at good, and begins at not.
    assert ends.argmin() in (place, place + 1)
    assert begins.argmin() in (place - 1, place - 2)
    # Both say the same of the whole.
    np.testing.assert_allclose(ends.sum(), begins.sum(), rtol=1e-4)


def test_unlabelled_texts_are_judged_by_what_all_labels_taught():
    rows, labels = make_rows(160, 0)
    more, hidden = make_rows(40, 1)
    probabilities, steps = collect_evidence([*rows, *more], labels, folds=4, seed=0)
    assert len(steps) == len(probabilities) == 200
    assert ((probabilities[160:] > 0.5) == hidden).mean() > 0.95


def test_it_judges_what_it_has_not_seen():
    """Labels drawn by lot: nothing can be learnt, so nothing must be known."""
    rng = np.random.default_rng(0)
    rows = [rng.integers(4, 400, 12).astype("int32") for _ in range(300)]
    labels = rng.integers(0, 2, 300)
    probabilities, _ = collect_evidence(rows, labels, folds=3, seed=0)
    assert ((probabilities > 0.5) == labels).mean() < 0.6
