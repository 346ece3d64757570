"""The card of language models of texts about which nothing more is known."""

from typing import Any

from training.cards.data_card import DataCard


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of a language model's card."""
    settings = metadata["training"]["config"]
    return {
        "splits": settings.get("train_split", "train"),
        "validation": settings.get("validation_texts", 0),
        "sampled": settings.get("num_sampled", 0),
        "words": config["config"]["vocabulary_size"],
        "units": config["config"]["units"],
    }


CARD = DataCard("LanguageModel", (), "unknown_writing.md", describe)
