"""How many names and numbers a translator copies.

The hundred sentences fill each frame below five times, from lists of numbers and of
names that occur in no training text. A translation must contain each name and number
letter for letter; a thousands separator may differ. No model is trained on these
sentences.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from zoo_models.translator.model import Translator

TIMES = 5  # each frame is filled
PEOPLE = (  # noqa: SIM905
    "Okonjo Brzezicki Thorvaldsen Iyengar Quispe Hatzidakis Mbekeni Zsuzsanna Aoife "
    "Njord Xochitl Wojtyna Siobhan Anneliese Tjader Ruaridh Ekundayo Fjodor Guadalupe "
    "Yevgenia Bartolomea Chidiebere Dagny Evangelos Ffion Gwendal Hjalmar Ikaika "
    "Jovanka Kahurangi"
).split()
PLACES = (  # noqa: SIM905
    "Ouagadougou Szczecin Pawtucket Vaduz Tegucigalpa Llanelli Oulunsalo Bratsk Nuuk "
    "Maseru Windhoek Yakima Zadar Ghent Utsunomiya Antofagasta"
).split()
NUMBERS = (  # noqa: SIM905
    "3917 164 4863 572 7091 264 689 12508 643 1749 871 386 5920 594 2307 158"
).split()
FRAMES = """
{person} lives in {place}.
My name is {person}.
Have you seen {person} today?
{person} bought {number} apples.
The train to {place} leaves at {hour}:{minute}.
{person} and {person2} are friends.
I was born in {place} in {year}.
The ticket costs {number} dollars.
This is my friend {person}.
{person} works at a bank in {place}.
There are {number} people in this room.
Please call {person} tomorrow morning.
My room number is {number}.
I would like to go to {place}.
{person} doesn't want to talk to {person2}.
The book has {number} pages.
Where is {person}'s car?
{person} is {age} years old.
We met in {place} in {year}.
Tell {person} that I'm sorry.
""".strip().splitlines()


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the parts that its translation must contain."""

    text: str
    parts: tuple[str, ...]

    def is_copied(self, translation: str) -> bool:
        """Returns whether a translation contains all parts at beginnings of words."""
        plain = re.sub(r"(?<=\d)[.,\s](?=\d{3}\b)", "", translation)
        return all(
            re.search(rf"(?<!\w){re.escape(part)}(?!\d)", plain) for part in self.parts
        )


def list_sentences() -> list[Sentence]:
    """Returns the hundred sentences, the same ones at each call."""
    fills: dict[str, Iterator[str]] = {
        "person": itertools.cycle(PEOPLE),
        "place": itertools.cycle(PLACES),
        "number": itertools.cycle(NUMBERS),
        "hour": itertools.cycle(["7", "11", "16"]),
        "minute": itertools.cycle(["08", "23", "47", "52"]),
        "age": itertools.cycle(["19", "34", "58", "73", "86"]),
        "year": itertools.cycle(["1926", "1944", "1959", "1981", "2017"]),
    }
    found = []
    for frame in FRAMES:
        slots = [slot for _, slot, _, _ in Formatter().parse(frame) if slot]
        for _ in range(TIMES):
            words = {slot: next(fills[slot.rstrip("2")]) for slot in slots}
            found.append(Sentence(frame.format(**words), tuple(words.values())))
    return found


def judge(model: Translator) -> dict[str, Any]:
    """Translates the sentences: see `measure`.

    Args:
        model: A `Translator` from English.
    """
    sentences = list_sentences()
    translations = model.generate([one.text for one in sentences], verbose=0)
    failures = [
        {"source": one.text, "translation": text}
        for one, text in zip(sentences, translations, strict=True)
        if not one.is_copied(text)
    ]
    share = (len(sentences) - len(failures)) / len(sentences)
    return {"share": share, "sentences": len(sentences), "failures": failures}


def measure(preset: str | Path) -> dict[str, Any]:
    """Measures how many sentences keep all of their names and numbers.

    Args:
        preset: Name or folder of a `Translator` from English.

    Returns:
        The `share` (0 to 1), the number of `sentences`, and the `failures`: `source`
        and `translation` of each.
    """
    from rnnzoo import Translator

    return judge(Translator.from_preset(preset))
