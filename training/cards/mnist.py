"""The card of classifiers of MNIST's digits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.cards import unknown_images
from training.cards.data_card import DataCard
from training.image_classifier.drawn_digits import DRAWINGS

# Which drawing each file shows.
EXAMPLES = {
    "two.png": DRAWINGS[3],
    "three_white_on_black.png": DRAWINGS[4],
    "five_thin.png": DRAWINGS[6],
    "six_thick.png": DRAWINGS[7],
    "seven_with_bar.png": DRAWINGS[9],
}


def add_pictures(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Draws the confusion matrix and the digits of `EXAMPLES`."""
    import tensorflow as tf

    unknown_images.add_confusion(folder, metadata, data_dirs)
    for name, drawing in EXAMPLES.items():
        pixels = drawing.draw()[..., None]
        (folder / name).write_bytes(tf.io.encode_png(pixels).numpy())


CARD = DataCard(
    "ImageClassifier",
    ("mnist",),
    "mnist.md",
    unknown_images.describe,
    tuple(EXAMPLES),
    add_pictures,
)
