"""The words of captions for the classes that an image encoder was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

TABLE = Path(__file__).with_suffix(".txt")
NUM_CLASSES = 1000
NO_WORD = "-"
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
