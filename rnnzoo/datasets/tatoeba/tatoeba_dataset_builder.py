"""Tatoeba: everyday sentences in English with their translations."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import tensorflow_datasets as tfds

from rnnzoo.datasets.archives import DirectionConfig, find_archive, read_texts

PAGE = "https://www.manythings.org/anki/"
# Name of the archive, and of the text within, by the other language.
ARCHIVES = {
    "de": ("deu-eng.zip", "deu.txt"),
    "fr": ("fra-eng.zip", "fra.txt"),
}
# Number of English sentences of each split that is held out, in this order.
HELD_OUT = {"test": 2_000, "validation": 1_000}

DESCRIPTION = """\
Sentences in English and their translations by the volunteers of tatoeba.org, as
manythings.org/anki hands them out. All translations of a sentence stand together.

Splits are made by the English sentence, in lower case and without punctuation, so that
none is in two of them: those with the lowest SHA-256 are for testing, the next for
validation. What is left is for training, but for pairs whose translation is word for
word one of those held out.

Licence: CC BY 2.0 (France). Whoever publishes what was learnt from these sentences
credits tatoeba.org and manythings.org/anki.
"""
CITATION = """\
@misc{tatoeba,
  title = {Tatoeba: sentence pairs},
  author = {{Contributors of tatoeba.org}},
  howpublished = {https://www.manythings.org/anki/},
  note = {CC BY 2.0 FR},
}
"""


class Pair(NamedTuple):
    """A sentence and one translation."""

    english: str
    other: str


class Tatoeba(tfds.core.GeneratorBasedBuilder):
    """The TFDS builder `tatoeba`.

    It reads an archive of manythings.org/anki from `manual_dir`; lines have two columns
    or three, the third of which is passed over. Newer archives have more sentences, so
    other splits: `info.metadata` of the prepared set holds the SHA-256 of the archive.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "Splits by the English."}
    BUILDER_CONFIGS: ClassVar[list[DirectionConfig]] = [
        DirectionConfig(*pair)
        for other in ARCHIVES
        for pair in (("en", other), (other, "en"))
    ]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        f"Put the archive of {PAGE} for the other language into `manual_dir`, as it "
        "is: deu-eng.zip for German, fra-eng.zip for French."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        config = self.builder_config
        return tfds.core.DatasetInfo(
            builder=self,
            description=DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    config.source: tfds.features.Text(),
                    config.target: tfds.features.Sequence(tfds.features.Text()),
                }
            ),
            supervised_keys=(config.source, config.target),
            homepage=PAGE,
            citation=CITATION,
            license="CC BY 2.0 FR",
            metadata=tfds.core.MetadataDict(),
            disable_shuffling=True,  # the file's order is that of length
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        config = self.builder_config
        other = config.target if config.source == "en" else config.source
        archive, member = ARCHIVES[other]
        path = find_archive(self, dl_manager, archive)
        splits = split_pairs(read_pairs(path, member))
        return {name: self._generate_examples(splits[name]) for name in splits}

    def _generate_examples(
        self, pairs: list[Pair]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        config = self.builder_config
        if config.source != "en":
            pairs = [Pair(other, english) for english, other in pairs]
        for i, (text, translations) in enumerate(group_pairs(pairs).items()):
            yield i, {config.source: text, config.target: translations}


def read_pairs(path: Path, member: str) -> list[Pair]:
    """The pairs in an archive, in its order, each once.

    Args:
        path: The archive.
        member: Name of the file within.

    Raises:
        ValueError: If it is not an archive with such a file, or if a line of it has
            not two columns or three.
    """
    (lines,) = read_texts(path, [member])
    pairs: dict[Pair, None] = {}
    for number, line in enumerate(lines, 1):
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) not in (2, 3) or not all(columns[:2]):
            raise ValueError(
                f"Line {number} of {member} in {path} must hold a sentence, its "
                f"translation and perhaps their source. Received: {line!r}"
            )
        pairs[Pair(*columns[:2])] = None
    return list(pairs)


def normalize(text: str) -> str:
    """A sentence by which splits are made: lower case, words alone.

    Example:

    ```python
    from rnnzoo.datasets.tatoeba import tatoeba_dataset_builder as builder

    assert builder.normalize(" I’m Tom!  ") == builder.normalize("i'm tom.")
    ```
    """
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(re.findall(r"\w+(?:'\w+)*", text))


def split_pairs(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    """Cuts pairs into splits, by their English sentences: see `DESCRIPTION`."""
    pairs = list(pairs)
    keys = {normalize(pair.english) for pair in pairs}
    order = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    split_of: dict[str, str] = {}
    for name, size in HELD_OUT.items():
        start = len(split_of)
        split_of.update(dict.fromkeys(order[start : start + size], name))
    splits: dict[str, list[Pair]] = {"train": [], "validation": [], "test": []}
    first: dict[str, str] = {}
    for pair in pairs:
        key = normalize(pair.english)
        name = split_of.get(key, "train")
        if name != "train":
            # One spelling for all translations, so that each is a reference.
            pair = pair._replace(english=first.setdefault(key, pair.english))
        splits[name].append(pair)
    references = {normalize(pair.other) for name in HELD_OUT for pair in splits[name]}
    splits["train"] = [
        pair for pair in splits["train"] if normalize(pair.other) not in references
    ]
    return splits


def group_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The second texts of each first one, each once, in their order."""
    groups: dict[str, dict[str, None]] = {}
    for first, second in pairs:
        groups.setdefault(first, {})[second] = None
    return {first: list(seconds) for first, seconds in groups.items()}
