"""Accuracy of a sentiment classifier on texts with shuffled words.

A model that reaches the same accuracy on both ignores the order of words.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def shuffle_words(text: bytes, draw: np.random.Generator) -> bytes:
    """Shuffles the words of a text; punctuation stays attached to its word."""
    return b" ".join(draw.permutation(np.array(text.split(), object)))


def measure(
    preset: str | Path,
    data_dirs: Sequence[str | Path] = (),
    limit: int | None = None,
) -> dict[str, Any]:
    """Measures a preset on the splits that its card names.

    Args:
        preset: Name or folder of a `SentimentClassifier`.
        data_dirs: Folders of prepared TFDS sets.
        limit: Examples of each split at most. Default: all.

    Returns:
        `splits`: for each its `dataset`, `split`, number of `examples`, and the
        accuracy (0 to 1) on the texts `in_order` and `shuffled`.
    """
    from rnnzoo import SentimentClassifier
    from zoo_models.core.evaluation import read_splits
    from zoo_models.sentiment_classifier import evaluation

    model = SentimentClassifier.from_preset(preset)
    splits = []
    for name, split, examples in read_splits(model, preset, data_dirs, limit):
        texts, labels = zip(*examples, strict=True)
        draw = np.random.default_rng(0)
        in_order, shuffled = (
            evaluation.measure(model, zip(some, labels, strict=True))["accuracy"]
            for some in (texts, [shuffle_words(text, draw) for text in texts])
        )
        splits.append(
            {
                "dataset": name,
                "split": split,
                "examples": len(texts),
                "in_order": in_order,
                "shuffled": shuffled,
            }
        )
    return {"splits": splits}
