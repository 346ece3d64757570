"""What one data set makes of a card, and of the examples beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def add_nothing(
    folder: Path, metadata: dict[str, Any], data_dirs: Sequence[str | Path]
) -> None:
    """The `add_pictures` of cards that show no pictures."""


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
    """

    model: str
    datasets: tuple[str, ...]
    template: str
    words: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
    examples: tuple[str, ...] = ()
    add_pictures: Callable[[Path, dict[str, Any], Sequence[str | Path]], None] = (
        add_nothing
    )

    def read_template(self) -> str:
        """The text of the template."""
        return (Path(__file__).parent / self.template).read_text(encoding="utf-8")
