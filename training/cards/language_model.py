"""The cards of language models."""

from typing import Any

from training.cards.data_card import DataCard


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Returns the template fields of a language model's card."""
    settings = metadata["training"]["config"]
    return {
        "splits": settings.get("train_split", "train"),
        "validation": settings.get("validation_texts", 0),
        "sampled": settings.get("num_sampled", 0),
        "words": config["config"]["vocabulary_size"],
        "units": config["config"]["units"],
    }


UNKNOWN = DataCard("LanguageModel", (), "unknown_writing.md", describe)
CARDS = (
    DataCard(
        "LanguageModel",
        ("imdb_reviews",),
        "imdb_writing.md",
        describe,
        examples=(
            "The film",
            "I went to see this movie because",
            "The acting is good, but the story",
            "If you like old westerns,",
        ),
    ),
)
