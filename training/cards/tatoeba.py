"""The card of translators that learnt from Tatoeba."""

from dataclasses import replace
from typing import Any

from training.cards import unknown_translations
from training.cards.data_card import DataCard, count_examples


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of the card of a translator that learnt from Tatoeba."""
    settings = metadata["training"]["config"]
    return {
        **unknown_translations.describe(metadata, config),
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


CARD = DataCard("Translator", ("tatoeba",), "tatoeba.md", describe)
FROM_ENGLISH = replace(
    CARD,
    datasets=("tatoeba/en_de", "tatoeba/en_fr"),
    examples=(
        "Good evening! Where is the station?",
        "I would like a cup of tea, please.",
        "My sister Dagny was born on May 3, 1987.",
        "Two women in red jackets are waiting for the bus.",
    ),
    probes=("copying",),
)
