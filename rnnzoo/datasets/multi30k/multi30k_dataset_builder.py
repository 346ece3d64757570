"""Multi30k: captions of images in English, German, French and Czech."""

import gzip
import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from rnnzoo.datasets.direction import DirectionConfig

URL = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/"
LANGUAGES = ("en", "de", "fr", "cs")

# Name of each split: name of its files and number of their lines.
FILES = {
    "train": ("train", 29_000),
    "validation": ("val", 1_014),
    "test_2016_flickr": ("test_2016_flickr", 1_000),
    "test_2017_flickr": ("test_2017_flickr", 1_000),
    "test_2017_mscoco": ("test_2017_mscoco", 461),
    "test_2018_flickr": ("test_2018_flickr", 1_071),
}
NOT_IN_CZECH = ("test_2017_flickr", "test_2017_mscoco")
NEEDED = ("train", "validation")

DESCRIPTION = """\
Captions of 31 014 photographs of everyday scenes, in English (from Flickr30k), and
their translations by people into German, French and Czech: task 1 of the shared tasks
on multimodal translation of 2016 to 2018. A config is a direction, such as `en_de`.
"""
CITATION = """\
@inproceedings{elliott-etal-2016-multi30k,
  title = {Multi30K: Multilingual English-German Image Descriptions},
  author = {Elliott, Desmond and Frank, Stella and Sima'an, Khalil and Specia, Lucia},
  booktitle = {Proceedings of the 5th Workshop on Vision and Language},
  year = {2016},
}
"""


class Multi30k(tfds.core.GeneratorBasedBuilder):
    """The TFDS builder `multi30k`.

    With a `manual_dir` it reads the files that are there and nothing else: those of
    `train` and `validation` must be, a test split is left out if one of its two files
    is not. Without it the public files are fetched.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "Task 1, raw texts."}
    BUILDER_CONFIGS: ClassVar[list[DirectionConfig]] = [
        DirectionConfig(source, target)
        for source, target in itertools.permutations(LANGUAGES, 2)
    ]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        f"Put the files of {URL} for both languages into `manual_dir`, such as "
        "train.en.gz, train.de.gz, val.en.gz and val.de.gz. Or let them be fetched."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        languages = self.builder_config.source, self.builder_config.target
        return tfds.core.DatasetInfo(
            builder=self,
            description=DESCRIPTION,
            features=tfds.features.Translation(languages=languages),
            supervised_keys=languages,
            homepage="https://github.com/multi30k/dataset",
            citation=CITATION,
            disable_shuffling=True,  # the files' order is that of the images
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        languages = self.builder_config.source, self.builder_config.target
        wanted = {
            split: [f"{stem}.{language}.gz" for language in languages]
            for split, (stem, _) in FILES.items()
            if not ("cs" in languages and split in NOT_IN_CZECH)
        }
        try:
            folder = Path(dl_manager.manual_dir)
        except AssertionError:  # there is no such folder
            urls = {split: [URL + n for n in names] for split, names in wanted.items()}
            paths = dl_manager.download(urls)
        else:
            paths = {
                split: [folder / name for name in names]
                for split, names in wanted.items()
                if split in NEEDED or all((folder / n).is_file() for n in names)
            }
        return {
            split: self._generate_examples(split, wanted[split], paths[split])
            for split in paths
        }

    def _generate_examples(
        self, split: str, names: list[str], paths: list[Any]
    ) -> Iterator[tuple[int, dict[str, str]]]:
        languages = self.builder_config.source, self.builder_config.target
        expected = FILES[split][1]
        columns = [
            read_lines(name, Path(path), expected, self.url_infos.get(URL + name))
            for name, path in zip(names, paths, strict=True)
        ]
        for i, texts in enumerate(zip(*columns, strict=True)):
            yield i, dict(zip(languages, texts, strict=True))


def read_lines(name: str, path: Path, expected: int, info: Any) -> list[str]:
    """The sentences in a file of the data set, without white space around them.

    Args:
        name: Its published name.
        path: Where it is.
        expected: Number of lines.
        info: Its line in `checksums.tsv`, or `None`: not all files were at hand.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not the file that it should be.
    """
    if not path.is_file():
        raise FileNotFoundError(f"Multi30k needs {name}, and {path} is not there.")
    content = path.read_bytes()
    received = hashlib.sha256(content).hexdigest()
    if info is not None and info.checksum != received:
        raise ValueError(
            f"{path} is not the published {name}. Expected SHA-256 {info.checksum}. "
            f"Received: {received}"
        )
    lines = gzip.decompress(content).decode("utf-8").split("\n")
    lines = [line.strip() for line in lines[: -1 if lines[-1] == "" else None]]
    if len(lines) != expected:
        raise ValueError(
            f"{path} must have {expected} lines. Received: {len(lines)} lines"
        )
    return lines
