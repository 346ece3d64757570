"""The card of classifiers of the clothes of Fashion-MNIST."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.cards import unknown_images
from training.cards.data_card import DataCard
from training.image_classifier.drawn_clothes import EXAMPLES, draw


def add_pictures(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Draws the confusion matrix and the clothes of `EXAMPLES`."""
    import tensorflow as tf

    unknown_images.add_confusion(folder, metadata, data_dirs)
    for name, shape in EXAMPLES.items():
        pixels = draw(shape)[..., None]
        (folder / name).write_bytes(tf.io.encode_png(pixels).numpy())


CARD = DataCard(
    "ImageClassifier",
    ("fashion_mnist",),
    "fashion_mnist.md",
    unknown_images.describe,
    tuple(EXAMPLES),
    add_pictures,
)
