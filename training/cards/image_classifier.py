"""The cards of image classifiers."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.cards.data_card import DataCard, name_labels
from training.image_classifier.drawn_digits import DRAWINGS
from zoo_models.core.presets import PRESETS_FOLDER

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

# Which drawing each file shows.
DIGITS = {
    "two.png": DRAWINGS[3],
    "three_white_on_black.png": DRAWINGS[4],
    "five_thin.png": DRAWINGS[6],
    "six_thick.png": DRAWINGS[7],
    "seven_with_bar.png": DRAWINGS[9],
}
CLOTHES = ("trousers.png", "t_shirt.png", "dress.png", "bag.png", "ankle_boot.png")
PAGES = """
### Digits as people photograph them

We drew {each} pages of each style for this project. "clean" is the mean of the five styles below it. The paper of "shaded" falls to as little as half its brightness. "noisy" has noise with a standard deviation of 15 to 40 of 255:

{table}

Printed by

```
python -m training.measure pages {name}
```
"""  # noqa: E501


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Returns the template fields of an image classifier's card."""
    settings = metadata["training"]["config"]
    return {
        "validation": settings.get("validation_fraction", 0.0),
        "reading": READINGS[config["config"]["read"]],
        "labels": name_labels(config["config"]["labels"]),
    }


def add_confusion(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Counts the confusion matrix."""
    from zoo_models.core.classification import count_confusions
    from zoo_models.core.evaluation import read_splits
    from zoo_models.core.zoo_model import ZooModel

    model = ZooModel.from_preset(folder)
    labels = list(model.labels)
    _, _, examples = next(read_splits(model, folder, data_dirs))
    matrix = count_confusions(model, examples)
    metadata["confusion"] = {"labels": labels, "counts": matrix.tolist()}


def describe_digits(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Returns the template fields for MNIST."""
    return {**describe(metadata, config), "pages": _describe_pages(metadata)}


def _describe_pages(metadata: dict[str, Any]) -> str:
    """Returns the section about drawn pages; empty if they were not measured."""
    measured = metadata.get("pages")
    if measured is None:
        return ""
    lines = ["| pages | accuracy |", "|---|---|"]
    lines += [f"| {k} | {v:.3f} |" for k, v in measured["accuracy"].items()]
    return PAGES.format(
        table="\n".join(lines), each=10 * measured["count"], name=metadata["name"]
    )


def add_digits(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Counts the confusion matrix and draws `DIGITS`."""
    import tensorflow as tf

    add_confusion(folder, metadata, data_dirs)
    for name, drawing in DIGITS.items():
        pixels = drawing.draw()[..., None]
        (folder / name).write_bytes(tf.io.encode_png(pixels).numpy())


def add_clothes(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Counts the confusion matrix and copies the drawings of the published preset."""
    add_confusion(folder, metadata, data_dirs)
    for name in CLOTHES:
        source = PRESETS_FOLDER / "image_classifier_fashion_mnist_rows" / name
        shutil.copyfile(source, folder / name)


UNKNOWN = DataCard(
    "ImageClassifier", (), "unknown_images.md", describe, add_pictures=add_confusion
)
CARDS = (
    DataCard(
        "ImageClassifier",
        ("mnist",),
        "mnist.md",
        describe_digits,
        tuple(DIGITS),
        add_digits,
        probes=("pages",),
    ),
    DataCard(
        "ImageClassifier",
        ("fashion_mnist",),
        "fashion_mnist.md",
        describe,
        CLOTHES,
        add_clothes,
    ),
)
