"""The card of classifiers of texts about which nothing more is known."""

from typing import Any

from training.cards.data_card import DataCard


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of a text classifier's card."""
    settings = metadata["training"]["config"]
    teacher_weight = settings.get("teacher_weight", 0)
    targets = "the labels"
    if teacher_weight:
        targets += (
            f", and with a share of {teacher_weight:.0%} what a linear model of words "
            "and pairs says that was fitted on other folds of the same texts"
        )
    return {
        "validation": settings.get("validation_fraction", 0.0),
        "max_length": (config.get("preprocessor") or {}).get("max_length"),
        "targets": targets,
    }


CARD = DataCard("SentimentClassifier", (), "unknown_text.md", describe)
