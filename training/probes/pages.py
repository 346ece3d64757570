"""Accuracy on drawn photographs of digits."""

from pathlib import Path
from typing import Any

import numpy as np

# The settings of `rnnzoo.images.paper` were chosen on seed 1.
SEED = 2
PAGES_OF_A_DIGIT = 10


def measure(preset: str | Path, limit: int | None = None) -> dict[str, Any]:
    """Measures a classifier on clean, shaded, noisy, framed and lined pages and a wall.

    Args:
        preset: Name or folder of an `ImageClassifier` of the ten digits.
        limit: Pages of each digit in each style. Default 10.

    Returns:
        the `count` of pages, the `seed` of the pages, and `accuracy` (0 to 1) by
        style; `clean` is the mean of the clean styles.
    """
    from rnnzoo import ImageClassifier
    from training.image_classifier.drawn_pages import CLEAN, STYLES, draw_pages

    model = ImageClassifier.from_preset(preset)
    count = PAGES_OF_A_DIGIT if limit is None else limit
    accuracy = {}
    for style in STYLES:
        pages, labels = draw_pages(style, count, SEED)
        answers = model.classify(list(pages), verbose=0)
        predicted = np.array([answer["label"] for answer in answers])
        accuracy[style] = float(np.mean(predicted == np.array(labels)))
    clean = float(np.mean([accuracy[style] for style in CLEAN]))
    return {"count": count, "seed": SEED, "accuracy": {"clean": clean, **accuracy}}
