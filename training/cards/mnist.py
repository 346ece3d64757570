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
    """The words of a digit classifier's card."""
    words = unknown_images.describe(metadata, config)
    return {**words, "pages": _describe_pages(metadata)}


def _describe_pages(metadata: dict[str, Any]) -> str:
    """The accuracy on drawn pages, if it was measured."""
    measured = metadata.get("pages")
    if measured is None:
        return ""
    lines = ["| pages | accuracy |", "|---|---|"]
    lines += [f"| {k} | {v:.3f} |" for k, v in measured["accuracy"].items()]
    return PAGES.format(
        table="\n".join(lines), each=10 * measured["count"], name=metadata["name"]
    )


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
    describe,
    tuple(EXAMPLES),
    add_pictures,
    probes=("pages",),
)
