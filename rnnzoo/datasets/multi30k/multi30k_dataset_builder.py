"""Multi30k: captions of images in English, German, French and Czech."""

import gzip
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from rnnzoo.datasets.archives import DirectionConfig

URL = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/"
LANGUAGES = ("en", "de", "fr", "cs")

# Name of the files of each split.
FILES = {
    "train": "train",
    "validation": "val",
    "test_2016_flickr": "test_2016_flickr",
    "test_2017_flickr": "test_2017_flickr",
    "test_2017_mscoco": "test_2017_mscoco",
    "test_2018_flickr": "test_2018_flickr",
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
            for split, stem in FILES.items()
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
        return {split: self._generate_examples(paths[split]) for split in paths}

    def _generate_examples(
        self, paths: list[Any]
    ) -> Iterator[tuple[int, dict[str, str]]]:
        languages = self.builder_config.source, self.builder_config.target
        columns = [read_lines(Path(path)) for path in paths]
        for i, texts in enumerate(zip(*columns, strict=True)):
            yield i, dict(zip(languages, texts, strict=True))


def read_lines(path: Path) -> list[str]:
    """Returns the sentences in a file of the data set, without surrounding spaces."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    return [line.strip() for line in text.removesuffix("\n").split("\n")]
