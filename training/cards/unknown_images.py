"""The card of classifiers of images about which nothing more is known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.cards.data_card import DataCard, name_labels
from training.image_classifier.confusion import PICTURE, draw_confusion

READINGS = {
    "whole": (
        "Stacked Elman cells read the image at once, each in one step from the zero "
        "state: S = activation(W_l · X + b), what is left of a recurrent network "
        "without time. W is held at zero and not counted."
    ),
    "rows": (
        "Stacked Elman layers read the image row by row, downwards and upwards; the "
        "states of all rows feed a softmax layer."
    ),
}


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of an image classifier's card."""
    settings = metadata["training"]["config"]
    return {
        "validation": settings.get("validation_fraction", 0.0),
        "reading": READINGS[config["config"]["read"]],
        "labels": name_labels(config["config"]["labels"]),
    }


def add_confusion(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Counts which classes are taken for which, and draws it."""
    from zoo_models.core.classification import count_confusions
    from zoo_models.core.evaluation import read_splits
    from zoo_models.core.zoo_model import ZooModel

    model = ZooModel.from_preset(folder)
    labels = list(model.labels)
    _, _, examples = next(read_splits(model, folder, data_dirs))
    matrix = count_confusions(model, examples)
    metadata["confusion"] = {"labels": labels, "counts": matrix.tolist()}
    draw_confusion(matrix, labels, folder / PICTURE)


CARD = DataCard(
    "ImageClassifier", (), "unknown_images.md", describe, add_pictures=add_confusion
)
