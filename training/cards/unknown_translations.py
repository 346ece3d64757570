"""The card of translators of texts about which nothing more is known."""

from typing import Any

from training.cards.data_card import DataCard, name_run

LANGUAGES = {"cs": "Czech", "de": "German", "en": "English", "fr": "French"}


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Returns the template fields of a translator's card."""
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
        "start": _start(metadata),
    }


def _start(metadata: dict[str, Any]) -> str:
    """Returns a line about the translator that this one started from."""
    before = metadata.get("started_from")
    if before is None:
        return ""
    place = before.get("environment", {})
    device = f", on one {place['device']} under JAX" if "device" in place else ""
    return (
        "- Start: the translator that "
        f"{name_run(metadata, before['command'])} trains: {before['minutes']} "
        f"minutes{device}. The minutes below come after these\n"
    )


CARD = DataCard("Translator", (), "unknown_translations.md", describe)
