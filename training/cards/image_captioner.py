"""The cards of captioners."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.cards.data_card import DataCard
from training.photographs import PHOTOGRAPHS

NAMING = (
    " The {number} most probable words of the encoder's own classifier are looked at "
    "too, and a pointer can copy them, so that it can write of things that captions "
    "hardly have."
)

PHOTOGRAPH_TABLE = """
### Photographs of others

Its captions of the photographs in this folder and of four more in
`training/photographs`, which describes them:

| photograph | caption | score | marked as unsure |
|---|---|---|---|
{rows}

Printed by `python -m training.measure photographs {name}`.
"""


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Returns the template fields of a captioner's card."""
    settings = metadata["training"]["config"]
    size, variant = config["config"]["image_size"], config["config"]["encoder"]
    targets = (
        "the next word of a caption after the true ones before it, "
        f"{settings['label_smoothing']:.0%} of the target spread over all"
    )
    if settings["critical_epochs"]:
        targets += (
            "; then captions of its own, each pushed by its CIDEr-D less that of "
            "others (Rennie et al., 2017)"
        )
    texts = ""
    if settings.get("more_captions"):
        number = settings["more_limit"]
        some = "the sentences" if number is None else f"{number:,} sentences"
        texts = (
            f"; beside them, without images, {some} of `{settings['more_captions']}`, "
            "those that are like a caption of a held-out image left out, and "
            f"{settings['plain_sentences']:,} plain ones of the words of the classifier"
        )
    number = config["config"].get("num_words")
    named = number and config["config"].get("class_words")
    return {
        "texts": texts,
        "naming": NAMING.format(number=number) if named else "",
        "side": -(-size // 32),
        "size": size,
        "variant": variant,
        "encoder": variant.capitalize(),
        "max_length": config["preprocessor"]["max_length"] - 1,
        "min_count": settings["min_count"],
        "targets": targets,
    }


def describe_flickr8k(
    metadata: dict[str, Any], config: dict[str, Any]
) -> dict[str, Any]:
    """Returns the template fields for Flickr8k."""
    limit = metadata["training"]["config"]["limit_train"]
    return {
        **describe(metadata, config),
        "photographs": f"{limit or 6_000:,}",
        "captioned": _show_captions(metadata),
    }


def _show_captions(metadata: dict[str, Any]) -> str:
    measured = metadata.get("photographs")
    if measured is None:
        return ""
    rows = [
        f"| `{one['file']}` | {one['caption']} | {one['score']:.2f} "
        f"| {one.get('warning', '')} |"
        for one in measured["captions"]
    ]
    return PHOTOGRAPH_TABLE.format(rows="\n".join(rows), name=metadata["name"])


def add_photographs(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """Copies the photographs that the card names."""
    for path in PHOTOGRAPHS:
        shutil.copyfile(path, folder / path.name)


UNKNOWN = DataCard("ImageCaptioner", (), "unknown_captions.md", describe)
CARDS = (
    DataCard(
        "ImageCaptioner",
        ("flickr8k",),
        "flickr8k.md",
        describe_flickr8k,
        examples=tuple(path.name for path in PHOTOGRAPHS),
        add_pictures=add_photographs,
        probes=("photographs",),
    ),
)
