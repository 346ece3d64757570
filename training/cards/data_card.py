"""What one data set makes of a card, and of the examples beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def add_nothing(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """The `add_pictures` of cards that show no pictures."""


def name_labels(labels: Sequence[str]) -> str:
    """Labels in words: all, or of many the first and the last."""
    if len(labels) > 20:
        return f"{len(labels)} labels, from *{labels[0]}* to *{labels[-1]}*"
    return ", ".join(f"*{label}*" for label in labels[:-1]) + f" or *{labels[-1]}*"


def count_examples(metadata: dict[str, Any], default: str) -> str:
    """How many examples a preset learnt from; older ones do not say, which learnt from
    the whole set."""
    examples = metadata["training"].get("examples")
    return default if examples is None else f"{examples:,}"


def name_run(metadata: dict[str, Any], command: str) -> str:
    """Returns the words for an earlier run: its command, or its place in the recipe."""
    if "--recipe" in metadata["training"]["command"]:
        return "the stage before it in the recipe"
    return f"`{command}`"


def no_more(model: Any) -> dict[str, Any]:
    """The `measure_more` of cards that measure nothing else."""
    return {}


@dataclass(frozen=True)
class DataCard:
    """The part of a card that depends on the data set of a preset.

    Attributes:
        model: Class of the models whose card it is.
        datasets: TFDS names of the sets that it tells of, with a config if it tells
            of that alone; none for the card of sets about which nothing is known.
        template: Name of the Markdown file beside this one, for `str.format`.
        words: Called with the content of `metadata.json` and `config.json`; gives
            what the template asks for besides the words of all cards.
        examples: Inputs of `rnnzoo demo`: texts, or names of the images that
            `add_pictures` writes.
        add_pictures: Called with the folder of a preset, the content of its
            `metadata.json`, which it may add to, and the folders of prepared data
            sets; writes the images that belong to the preset. Default: none.
        task: What models of the set do, in a few words. Default: what models of the
            class do.
        measure_more: Called with the model; gives entries for `metadata.json` that
            no data set is needed for. Default: none.
    """

    model: str
    datasets: tuple[str, ...]
    template: str
    words: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
    examples: tuple[str, ...] = ()
    add_pictures: Callable[[Path, dict[str, Any], Sequence[str | Path]], None] = (
        add_nothing
    )
    task: str | None = None
    measure_more: Callable[[Any], dict[str, Any]] = no_more

    def read_template(self) -> str:
        """The text of the template."""
        return (Path(__file__).parent / self.template).read_text(encoding="utf-8")
