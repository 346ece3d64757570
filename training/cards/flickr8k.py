"""The card of captioners that learnt from Flickr8k."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.cards import unknown_captions
from training.cards.data_card import DataCard, count_examples
from training.photographs import PHOTOGRAPHS


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of the card of a captioner that learnt from Flickr8k."""
    photographs = count_examples(metadata, "6 000")
    return {**unknown_captions.describe(metadata, config), "photographs": photographs}


def add_photographs(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Copies the photographs that the card names."""
    for path in PHOTOGRAPHS:
        shutil.copyfile(path, folder / path.name)


CARD = DataCard(
    "ImageCaptioner",
    ("flickr8k",),
    "flickr8k.md",
    describe,
    examples=tuple(path.name for path in PHOTOGRAPHS),
    add_pictures=add_photographs,
)
