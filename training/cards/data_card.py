"""The part of a card, and of its examples, that depends on the data set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def name_labels(labels: Sequence[str]) -> str:
    """Returns all labels in words; of more than 20 the first and the last."""
    if len(labels) > 20:
        return f"{len(labels)} labels, from *{labels[0]}* to *{labels[-1]}*"
    return ", ".join(f"*{label}*" for label in labels[:-1]) + f" or *{labels[-1]}*"


def count_examples(metadata: dict[str, Any], default: str) -> str:
    """Returns the number of training examples, or `default` for presets whose metadata
    do not have it."""
    examples = metadata["training"].get("examples")
    return default if examples is None else f"{examples:,}"


def name_run(metadata: dict[str, Any], command: str) -> str:
    """Returns the words for an earlier run: its command, or its place in the recipe."""
    if "--recipe" in metadata["training"]["command"]:
        return "the stage before it in the recipe"
    return f"`{command}`"


@dataclass(frozen=True)
class DataCard:
    """The part of a card that depends on the data set of a preset.

    Attributes:
        model: Class of the models whose card it is.
        datasets: TFDS names of the data sets, with a config if the card is for that
            config only; none for the card of unknown data sets.
        template: Name of the Markdown file beside this one, for `str.format`.
        words: Called with the content of `metadata.json` and `config.json`; returns
            the other fields of the template.
        examples: Inputs of `rnnzoo demo`: texts, or names of images of `add_pictures`.
        add_pictures: Called with the folder of a preset, the content of its
            `metadata.json`, which it may add to, and the folders of prepared data
            sets; writes the images that belong to the preset. Default: none.
        task: The task in a few words. Default: that of the class.
        probes: Probes of `training.measure` whose results the card shows, besides
            memory and confidence. Default: none.
    """

    model: str
    datasets: tuple[str, ...]
    template: str
    words: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
    examples: tuple[str, ...] = ()
    add_pictures: (
        Callable[[Path, dict[str, Any], Sequence[str | Path]], None] | None
    ) = None
    task: str | None = None
    probes: tuple[str, ...] = ()

    def read_template(self) -> str:
        """Returns the text of the template."""
        return (Path(__file__).parent / self.template).read_text(encoding="utf-8")
