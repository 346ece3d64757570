"""Flickr8k: photographs, each with five captions in English."""

import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from rnnzoo.datasets.archives import find_archive, read_texts

IMAGES = "Flickr8k_Dataset.zip"
TEXTS = "Flickr8k_text.zip"
IMAGE_FOLDER = "Flicker8k_Dataset/"  # spelt so in the archive
CAPTIONS = "Flickr8k.token.txt"
NUM_CAPTIONS = 5

# File of each split in the archive of texts.
SPLITS = {
    "train": "Flickr_8k.trainImages.txt",
    "validation": "Flickr_8k.devImages.txt",
    "test": "Flickr_8k.testImages.txt",
}

DESCRIPTION = """\
8 091 photographs from Flickr, mostly of people and dogs in motion, each with five
captions in English written by people; 8 000 of them are in the three published splits.
For research only.
"""
CITATION = """\
@article{hodosh-etal-2013-framing,
  title = {Framing Image Description as a Ranking Task: Data, Models and Evaluation
    Metrics},
  author = {Hodosh, Micah and Young, Peter and Hockenmaier, Julia},
  journal = {Journal of Artificial Intelligence Research},
  volume = {47},
  pages = {853--899},
  year = {2013},
}
"""


class Flickr8k(tfds.core.GeneratorBasedBuilder):
    """The TFDS builder `flickr8k`.

    It reads the two published archives from `manual_dir`. `info.metadata` of the
    prepared set holds the SHA-256 of both.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "The published splits."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        f"Put {IMAGES} and {TEXTS} into `manual_dir`, as they are. Their authors give "
        "them out at https://forms.illinois.edu/sec/1713398; copies are at "
        "https://github.com/jbrownlee/Datasets/releases/tag/Flickr8k."
    )

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(None, None, 3), encoding_format="jpeg"
                    ),
                    "captions": tfds.features.Sequence(
                        tfds.features.Text(), length=NUM_CAPTIONS
                    ),
                    "file_name": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "captions"),
            homepage="https://www.jair.org/index.php/jair/article/view/10833",
            citation=CITATION,
            metadata=tfds.core.MetadataDict(),
            disable_shuffling=True,  # the order is that of the split files
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        images = find_archive(self, dl_manager, IMAGES)
        texts = find_archive(self, dl_manager, TEXTS)
        lines, *splits = read_texts(texts, [CAPTIONS, *SPLITS.values()])
        captions = defaultdict(list)  # lines of: name#number, tab, caption
        for line in lines:
            key, _, caption = line.partition("\t")
            captions[key.rpartition("#")[0]].append(caption.strip())
        return {
            split: self._generate_examples(images, names, captions)
            for split, names in zip(SPLITS, splits, strict=True)
        }

    def _generate_examples(
        self, path: Path, names: Sequence[str], captions: dict[str, list[str]]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            with zipfile.ZipFile(path) as archive:
                for i, name in enumerate(filter(None, map(str.strip, names))):
                    content = archive.read(IMAGE_FOLDER + name)
                    texts = captions[name]
                    yield i, {"image": content, "captions": texts, "file_name": name}
        except (zipfile.BadZipFile, KeyError) as error:
            raise ValueError(f"{path} is damaged: {error}") from error
