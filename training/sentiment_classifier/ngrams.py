"""What n-grams say about labels: a linear teacher, and the pairs of words worth an id.

Both see the labelled training texts alone.
"""

from typing import Any

import numpy as np

from rnnzoo.text import Vocabulary, standardize

WORD = r"\S+"


def to_words(texts: list[bytes]) -> list[str]:
    """Texts as `rnnzoo.text.standardize` leaves them: words between spaces."""
    words: list[str] = []
    for start in range(0, len(texts), 500):
        batch = standardize(texts[start : start + 500]).numpy()
        words += [text.decode("utf-8") for text in batch]
    return words


def learn_bigrams(
    texts: list[str], labels: np.ndarray, max_size: int, min_count: int
) -> Vocabulary:
    """The pairs of adjacent words that tell most about the label, by chi-squared.

    Args:
        texts: What `to_words` returned.
        labels: Integer array, a label for each text.
        max_size: Size of the vocabulary at most, special tokens included.
        min_count: Least number of texts that a pair occurs in.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.feature_selection import chi2

    vectorizer = CountVectorizer(
        ngram_range=(2, 2),
        token_pattern=WORD,
        lowercase=False,
        binary=True,
        min_df=min_count,
    )
    counts = vectorizer.fit_transform(texts)
    scores, _ = chi2(counts, labels)
    pairs = vectorizer.get_feature_names_out()
    # Equal scores go by the alphabet, so that ids do not hang on the order of texts.
    order = np.lexsort((pairs, -scores))
    return Vocabulary(pairs[order[: max_size - 4]].tolist())


def teacher_probabilities(
    texts: list[str], labels: np.ndarray, folds: int, seed: int, min_count: int = 2
) -> Any:
    """What a linear model of words and pairs thinks of texts it was not fitted on.

    The texts are cut into folds; each is judged by a logistic regression on tf-idf
    weights that was fitted on the others. A network that learns from these
    probabilities besides the labels learns how sure one can be of each text
    (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).

    Args:
        texts: What `to_words` returned.
        labels: Integer array, a label for each text.
        folds: Number of folds, at least 2.
        seed: Seed of the cut.
        min_count: Least number of texts that a word or pair occurs in. Default 2.

    Returns:
        Probabilities, a float array of shape `(len(texts), num_classes)`.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    teacher = make_pipeline(
        TfidfVectorizer(
            ngram_range=(1, 2),
            token_pattern=WORD,
            lowercase=False,
            min_df=min_count,
            sublinear_tf=True,
            dtype=np.float32,
        ),
        LogisticRegression(C=20.0, max_iter=200),
    )
    cut = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return cross_val_predict(teacher, texts, labels, cv=cut, method="predict_proba")
