"""A linear teacher on words, pairs and triples.

The network reads words only. The teacher is fitted on the labelled training texts. It
predicts the probability of the second label for each text, labelled or not, and for
each word how much the phrases that end or begin there contribute. States that predict
this contribution must keep the words before.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MIN_COUNTS = (2, 3, 3)  # least number of labelled texts with a word, a pair, a triple
ROUNDS = 50  # over the texts, of each regression


@dataclass
class _Phrases:
    """Phrases in texts that are laid end to end.

    Attributes:
        columns: Number of each phrase that counts, -1 for the others.
        texts: The text that it stands in.
        ends: Place of its last word in the whole.
        size: Words of a phrase.
    """

    columns: np.ndarray
    texts: np.ndarray
    ends: np.ndarray
    size: int


def collect_evidence(
    rows: Sequence[np.ndarray], labels: np.ndarray, folds: int, seed: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Fits the teacher and returns its judgement of the texts.

    A labelled text is judged by a teacher that was fitted on the other folds. The
    teacher is the sum of two logistic regressions: on which phrases occur, weighted by
    how much more often they occur with one label (Wang and Manning, "Baselines and
    Bigrams", 2012), and on tf-idf weights of words and pairs; both are weighed against
    each other by their judgement of other folds.

    Args:
        rows: Ids of the words of each text, the labelled ones first.
        labels: 0 or 1 for each of the labelled texts.
        folds: Number of folds, at least 2.
        seed: Seed of the cut.

    Returns:
        The probability of the second label for each text, a float32 array of shape
        `(texts,)`; and for each text an array of shape `(time, 2)`: how much the
        phrases that end at a word add to the logit, and those that begin there, divided
        by the standard deviation of the first over all texts.
    """
    teacher = _Teacher(rows, labels)
    known = np.arange(len(labels))
    scores = np.zeros((len(rows), 2), "float32")
    weights: list[tuple[np.ndarray, Any]] = []
    cut = np.array_split(np.random.default_rng(seed).permutation(known), folds)
    for fold in [*cut, np.arange(len(labels), len(rows))]:
        if len(fold):
            fitted = teacher.fit(np.setdiff1d(known, fold))
            scores[fold] = teacher.judge(fold, fitted)
            weights.append((fold, fitted))
    return teacher.explain(scores, weights)


class _Teacher:
    def __init__(self, rows: Sequence[np.ndarray], labels: np.ndarray):
        self.labels, self.num_texts = labels, len(rows)
        self.lengths = np.array([len(row) for row in rows])
        ids = np.concatenate(rows).astype("int64")
        text = np.repeat(np.arange(len(rows)), self.lengths)
        self.phrases: list[_Phrases] = []
        first = 0
        for size, min_count in enumerate(MIN_COUNTS, start=1):
            phrases, count = _find_phrases(ids, text, size, len(labels), min_count)
            phrases.columns[phrases.columns >= 0] += first
            self.phrases.append(phrases)
            first += count
            if size == 2:
                self.num_short = first  # words and pairs
        self.num_phrases = first
        self.occurs = self._count(self.phrases)
        self.occurs.data[:] = 1
        weighted = self._count(self.phrases[:2])
        weighted.data = 1 + np.log(weighted.data)
        known = weighted[: len(labels)]
        counts = np.bincount(known.indices, minlength=weighted.shape[1])
        self.idf = (np.log((1 + len(labels)) / (1 + counts)) + 1).astype("float32")
        weighted.data *= self.idf[weighted.indices]
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1))).ravel()
        norms = np.maximum(norms, 1e-6)
        weighted.data /= np.repeat(norms, np.diff(weighted.indptr))
        self.weighted, self.typical_norm = weighted, np.median(norms)

    def _count(self, kinds: Sequence[_Phrases]) -> Any:
        """Returns the count of each phrase in each text, a sparse matrix."""
        import scipy.sparse

        width = self.num_phrases if len(kinds) == len(MIN_COUNTS) else self.num_short
        kept = [p.columns >= 0 for p in kinds]
        places = (
            np.concatenate([p.texts[k] for p, k in zip(kinds, kept, strict=True)]),
            np.concatenate([p.columns[k] for p, k in zip(kinds, kept, strict=True)]),
        )
        ones = np.ones(len(places[0]), "float32")
        shape = (self.num_texts, width)
        return scipy.sparse.csr_matrix((ones, places), shape=shape)

    def fit(self, texts: np.ndarray) -> tuple[Any, ...]:
        """Returns the weights of both regressions, fitted on labelled texts."""
        import scipy.sparse
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        labels, occurs = self.labels[texts], self.occurs[texts]
        sums = [1 + np.asarray(occurs[labels == k].sum(0)).ravel() for k in (1, 0)]
        ratio = np.log((sums[0] / sums[0].sum()) / (sums[1] / sums[1].sum()))
        ratio = ratio.astype("float32")
        arguments = {"solver": "liblinear", "dual": True, "max_iter": ROUNDS}
        first = LogisticRegression(C=0.1, **arguments)
        second = LogisticRegression(C=20.0, **arguments)
        with warnings.catch_warnings():
            # A few rounds are near enough; a hundred would take minutes.
            warnings.simplefilter("ignore", ConvergenceWarning)
            first.fit(occurs @ scipy.sparse.diags(ratio), labels)
            second.fit(self.weighted[texts], labels)
        return (
            (first.coef_[0] * ratio).astype("float32"),
            first.intercept_[0],
            second.coef_[0].astype("float32"),
            second.intercept_[0],
        )

    def judge(self, texts: np.ndarray, fitted: tuple[Any, ...]) -> np.ndarray:
        """Returns the scores of both regressions, `(texts, 2)`."""
        first, first_bias, second, second_bias = fitted
        scores = [
            self.occurs[texts] @ first + first_bias,
            self.weighted[texts] @ second + second_bias,
        ]
        return np.stack(scores, axis=1)

    def explain(
        self, scores: np.ndarray, weights: list[tuple[np.ndarray, Any]]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Weighs both regressions against each other, and spreads their weights over
        the words of the texts that each was not fitted on."""
        from sklearn.linear_model import LogisticRegression

        mixture = LogisticRegression(C=100.0)
        mixture.fit(scores[: len(self.labels)], self.labels)
        shares = mixture.coef_[0]
        total = int(self.lengths.sum())
        steps = np.zeros((total, 2), "float32")
        for texts, (first, _, second, _) in weights:
            combined = shares[0] * first
            combined[: self.num_short] += (
                shares[1] * second * self.idf / self.typical_norm
            )
            is_asked = np.zeros(self.num_texts, bool)
            is_asked[texts] = True
            for p in self.phrases:
                kept = (p.columns >= 0) & is_asked[p.texts]
                values = combined[p.columns[kept]]
                ends = p.ends[kept]
                steps[:, 0] += np.bincount(ends, values, total)
                steps[:, 1] += np.bincount(ends - p.size + 1, values, total)
        steps /= max(steps[:, 0].std(), 1e-6)
        return (
            mixture.predict_proba(scores)[:, 1].astype("float32"),
            np.split(steps, np.cumsum(self.lengths)[:-1]),
        )


def _find_phrases(
    ids: np.ndarray, text: np.ndarray, size: int, num_labelled: int, min_count: int
) -> tuple[_Phrases, int]:
    """Returns the phrases of a size, and the number of those that count."""
    count = max(len(ids) - size + 1, 0)
    key = np.zeros(count, "int64")
    for i in range(size):
        key = key * 65536 + ids[i : i + count]
    is_whole = text[:count] == text[size - 1 :][:count]
    key, texts = key[is_whole], text[:count][is_whole]
    ends = np.flatnonzero(is_whole) + size - 1
    is_known = texts < num_labelled
    found, number = np.unique(key[is_known], return_inverse=True)
    # Each phrase once for each text that it stands in.
    pairs = np.unique(number.astype("int64") * num_labelled + texts[is_known])
    counts = np.bincount(pairs // num_labelled, minlength=len(found))
    kinds = found[counts >= min_count]
    place = np.searchsorted(kinds, key).clip(max=max(len(kinds) - 1, 0))
    is_counted = kinds[place] == key if len(kinds) else np.zeros(len(key), bool)
    columns = np.where(is_counted, place, -1)
    return _Phrases(columns, texts, ends, size), len(kinds)
