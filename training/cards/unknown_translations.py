"""The card of translators of texts about which nothing more is known."""

from typing import Any

from training.cards.data_card import DataCard

LANGUAGES = {"cs": "Czech", "de": "German", "en": "English", "fr": "French"}


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of a translator's card."""
    dataset = metadata["dataset"]
    smoothing = metadata["training"]["config"].get("label_smoothing", 0.0)
    targets = "the next piece of the translation after the true ones before it"
    if smoothing:
        targets += f", {smoothing:.0%} of the target spread over all"
    return {
        "source": LANGUAGES.get(dataset["source"], dataset["source"]),
        "target": LANGUAGES.get(dataset["target"], dataset["target"]),
        "max_length": config["preprocessor"]["source"]["max_length"],
        "targets": targets,
        "start": _start(metadata.get("started_from")),
    }


def _start(before: dict[str, Any] | None) -> str:
    """A line about the translator that another went on from."""
    if before is None:
        return ""
    place = before.get("environment", {})
    device = f", on one {place['device']} under JAX" if "device" in place else ""
    return (
        f"- It goes on from the translator that `{before['command']}` trains: "
        f"{before['minutes']} minutes{device}. Minutes below are those since\n"
    )


CARD = DataCard("Translator", (), "unknown_translations.md", describe)
