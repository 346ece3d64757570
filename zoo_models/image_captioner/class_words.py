"""The words of captions for the classes that an image encoder was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from rnnzoo.text import PAD_ID, Vocabulary

TABLE = Path(__file__).with_suffix(".txt")
NUM_CLASSES = 1000
NO_WORD = "-"
# Of the words in the table: those with one form, and those that break the rules.
ONE_FORM = ("sheep", "fish", "corn", "broccoli", "bread", "meat", "coral", "squash")
IRREGULAR = {
    "bus": "buses",
    "buffalo": "buffalo",
    "mantis": "mantises",
    "mouse": "mice",
    "ox": "oxen",
    "platypus": "platypuses",
    "wolf": "wolves",
}
# Kinds of things that often come by twos and threes.
COUNTED = ("animal", "food", "furniture", "plant", "toy", "vehicle")
KINDS = (
    "animal",
    "appliance",
    "building",
    "clothing",
    "container",
    "electronics",
    "food",
    "furniture",
    "instrument",
    "nature",
    "object",
    "person",
    "plant",
    "sport",
    "tool",
    "toy",
    "vehicle",
)


@dataclass(frozen=True)
class ClassWords:
    """Everyday words, and which of ImageNet's classes each stands for.

    Attributes:
        words: The distinct words, sorted.
        kinds: The kind of thing that each word names, one of `KINDS`.
        fold: Integer array of shape `(1000,)`: the place in `words` of each class's
            word, -1 where the class has none. Read only.
    """

    words: tuple[str, ...]
    kinds: Mapping[str, str]
    fold: np.ndarray


def read_class_words(path: str | Path = TABLE) -> ClassWords:
    """Reads the words for the classes of ImageNet (ILSVRC-2012).

    Args:
        path: A table: a line a class in their order, the class, its word and the kind
            with tabs between. `-` is no word, lines that start with `#` are remarks.
            Default: the table that comes with the captioner.

    Returns:
        The words, their kinds and the fold from classes to words.

    Raises:
        ValueError: If a line is not as it must be, if a word has two kinds, or if the
            classes are not those from 0 to 999 in order.

    Example:

    ```python
    from zoo_models.image_captioner.class_words import read_class_words

    class_words = read_class_words()
    assert class_words.words[class_words.fold[340]] == "zebra"
    assert class_words.kinds["zebra"] == "animal"
    ```
    """
    rows: list[str] = []
    kinds: dict[str, str] = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 3 or fields[0] != str(len(rows)):
            raise ValueError(
                f"{path} must have class {len(rows)}, its word and its kind here, "
                f"with tabs between. Received: {line!r}"
            )
        _, word, kind = fields
        rows.append(word)
        if word == NO_WORD:
            continue
        if kind not in KINDS:
            raise ValueError(
                f"The kind of a word must be one of {list(KINDS)}. Received: {line!r}"
            )
        if kinds.setdefault(word, kind) != kind:
            raise ValueError(
                f"A word must have one kind: {word!r} has {kinds[word]!r} already. "
                f"Received: {line!r}"
            )
    if len(rows) != NUM_CLASSES:
        raise ValueError(
            f"{path} must have {NUM_CLASSES} classes. Received: {len(rows)}"
        )
    words = tuple(sorted(kinds))
    places = {word: i for i, word in enumerate(words)} | {NO_WORD: -1}
    fold = np.array([places[word] for word in rows], dtype="int32")
    fold.flags.writeable = False
    return ClassWords(words, MappingProxyType(kinds), fold)


def plural(word: str) -> str:
    """The plural of a word by the rules that most nouns follow; the word itself if it
    has one form."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in ONE_FORM or (word.endswith("s") and not word.endswith("ss")):
        return word
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def all_forms(class_words: ClassWords) -> list[tuple[str, str]]:
    """Singular and plural of each word; the second is empty where it is not told."""
    forms = []
    for word in class_words.words:
        many = plural(word) if class_words.kinds[word] in COUNTED else word
        forms.append((word, many if many != word else ""))
    return forms


def make_class_words(
    vocabulary: Vocabulary, counts: Mapping[str, int], rare_below: int
) -> dict[str, Any]:
    """What an `ImageCaptioner` must know of the words of its classes.

    Args:
        vocabulary: With all forms of the words.
        counts: How often each word occurs in training.
        rare_below: Forms that occur less often are only copied.

    Returns:
        `classes`, the place in `words` of each class's word; `words`, the ids of each
        word's forms, 0 for one that it lacks; `kinds`, the place in `KINDS` of each
        word; and `rare_ids`.
    """
    class_words = read_class_words()
    ids = {"": PAD_ID, **{token: i for i, token in enumerate(vocabulary.tokens)}}
    forms = all_forms(class_words)
    rare = {form for pair in forms for form in pair if form}
    return {
        "classes": class_words.fold.tolist(),
        "words": [[ids[form] for form in pair] for pair in forms],
        "kinds": [KINDS.index(class_words.kinds[w]) for w in class_words.words],
        "rare_ids": sorted(ids[f] for f in rare if counts.get(f, 0) < rare_below),
    }
