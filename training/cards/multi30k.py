"""The card of translators that learnt from Multi30k."""

from dataclasses import replace
from typing import Any

from training.cards import unknown_translations
from training.cards.data_card import DataCard, count_examples


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of the card of a translator that learnt from Multi30k."""
    pairs = count_examples(metadata, "29 000")
    return {**unknown_translations.describe(metadata, config), "pairs": pairs}


CARD = DataCard("Translator", ("multi30k",), "multi30k.md", describe)
FROM_ENGLISH = replace(
    CARD,
    datasets=("multi30k/en_de", "multi30k/en_fr"),
    examples=(
        "A dog runs through the grass.",
        "Two women in red jackets are waiting for the bus.",
        "The children's teacher is reading an old book to them.",
        "An astronomer explains the rings of Saturn.",
    ),
)
