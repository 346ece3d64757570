"""The card of captioners that learnt from Flickr8k."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.cards import unknown_captions
from training.cards.data_card import DataCard
from training.photographs import PHOTOGRAPHS

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
    """The words of the card of a captioner that learnt from Flickr8k."""
    limit = metadata["training"]["config"]["limit_train"]
    return {
        **unknown_captions.describe(metadata, config),
        "photographs": f"{limit or 6_000:,}",
        "captioned": _show_captions(metadata),
    }


def _show_captions(metadata: dict[str, Any]) -> str:
    measured = metadata.get("photographs")
    if measured is None:
        return ""
    rows = [
        f"| `{one['file']}` | {one['caption']} | {one['score']:.2f} "
        f"| {one.get('doubt', '')} |"
        for one in measured["captions"]
    ]
    return PHOTOGRAPH_TABLE.format(rows="\n".join(rows), name=metadata["name"])


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
    probes=("photographs",),
)
