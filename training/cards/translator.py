"""The cards of translators."""

from dataclasses import replace
from typing import Any

from training.cards.data_card import DataCard, count_examples, name_run

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


def describe_multi30k(
    metadata: dict[str, Any], config: dict[str, Any]
) -> dict[str, Any]:
    """Returns the template fields for Multi30k."""
    return {**describe(metadata, config), "pairs": count_examples(metadata, "29 000")}


def describe_tatoeba(
    metadata: dict[str, Any], config: dict[str, Any]
) -> dict[str, Any]:
    """Returns the template fields for Tatoeba."""
    settings = metadata["training"]["config"]
    return {
        **describe(metadata, config),
        "pairs": count_examples(metadata, "all"),
        "mixed": _mixed(settings),
        "copied": _copied(metadata),
    }


def _mixed(settings: dict[str, Any]) -> str:
    parts = []
    second = settings.get("second_dataset")
    if second:
        name = "Multi30k" if second.startswith("multi30k") else f"`{second}`"
        times = {1: "once", 2: "twice"}.get(
            settings["second_repeats"], f"{settings['second_repeats']} times"
        )
        parts.append(f"the train split of {name} is seen beside it, {times} an epoch")
    if settings.get("exchanged_pairs"):
        parts.append(
            f"{settings['exchanged_pairs']:,} pairs once more, with other names and "
            "numbers on both sides, most of the names made up"
        )
    if settings.get("unmarked_pairs"):
        parts.append(f"{settings['unmarked_pairs']:,} without the mark at the end")
    if settings.get("joined_pairs"):
        parts.append(
            f"{settings['joined_pairs']:,} are two or three short pairs after one "
            "another"
        )
    return "".join(f"; {part}" for part in parts)


def _copied(metadata: dict[str, Any]) -> str:
    measured = metadata.get("copying")
    if measured is None:
        return ""
    return (
        f"- It copies all names and numbers in {measured['share']:.0%} of "
        f"{measured['sentences']} sentences with names that it was not trained on "
        f"(`python -m training.measure copying {metadata['name']}`).\n"
    )


UNKNOWN = DataCard("Translator", (), "unknown_translations.md", describe)
MULTI30K = DataCard("Translator", ("multi30k",), "multi30k.md", describe_multi30k)
TATOEBA = DataCard("Translator", ("tatoeba",), "tatoeba.md", describe_tatoeba)
CARDS = (
    MULTI30K,
    replace(
        MULTI30K,
        datasets=("multi30k/en_de", "multi30k/en_fr"),
        examples=(
            "A dog runs through the grass.",
            "Two women in red jackets are waiting for the bus.",
            "The children's teacher is reading an old book to them.",
            "An astronomer explains the rings of Saturn.",
        ),
    ),
    TATOEBA,
    replace(
        TATOEBA,
        datasets=("tatoeba/en_de", "tatoeba/en_fr"),
        examples=(
            "Good evening! Where is the station?",
            "I would like a cup of tea, please.",
            "My sister Dagny was born on May 3, 1987.",
            "Two women in red jackets are waiting for the bus.",
        ),
        probes=("copying",),
    ),
)
