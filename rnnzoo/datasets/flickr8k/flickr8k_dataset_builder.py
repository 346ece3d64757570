"""Flickr8k: photographs, each with five captions in English."""

import collections
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import tensorflow_datasets as tfds

IMAGES = "Flickr8k_Dataset.zip"
TEXTS = "Flickr8k_text.zip"
IMAGE_FOLDER = "Flicker8k_Dataset/"  # spelt so in the archive
CAPTIONS = "Flickr8k.token.txt"
NUM_IMAGES = 8_091
NUM_CAPTIONS = 5

# Name of each split: its file in the archive of texts and number of its images.
SPLITS = {
    "train": ("Flickr_8k.trainImages.txt", 6_000),
    "validation": ("Flickr_8k.devImages.txt", 1_000),
    "test": ("Flickr_8k.testImages.txt", 1_000),
}
# The one name that has captions and no image. It is in no split.
WITHOUT_IMAGE = "2258277193_586949ec62.jpg.1"

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

    It reads the two published archives from `manual_dir`. Images may have any size;
    the names in the archives, and how many there are, must be those published.
    `info.metadata` of the prepared set holds the SHA-256 of both.
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
        try:
            folder = Path(dl_manager.manual_dir)
        except AssertionError as error:  # there is no such folder, or it is empty
            raise FileNotFoundError(str(error)) from error
        paths = [folder / IMAGES, folder / TEXTS]
        for path in paths:
            if not path.is_file():
                raise FileNotFoundError(
                    f"Flickr8k needs {path.name}, and {path} is not there. "
                    f"{self.MANUAL_DOWNLOAD_INSTRUCTIONS}"
                )
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.info.metadata[f"{path.name} SHA-256"] = digest
        captions, splits = read_texts(paths[1])
        check_images(paths[0], captions)
        return {
            split: self._generate_examples(paths[0], names, captions)
            for split, names in splits.items()
        }

    def _generate_examples(
        self, path: Path, names: Sequence[str], captions: dict[str, list[str]]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        with zipfile.ZipFile(path) as archive:
            for i, name in enumerate(names):
                try:
                    content = archive.read(IMAGE_FOLDER + name)
                except zipfile.BadZipFile as error:
                    raise ValueError(f"{path} is damaged: {error}") from error
                yield (
                    i,
                    {"image": content, "captions": captions[name], "file_name": name},
                )


def read_texts(path: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The captions of each image and the images of each split.

    Args:
        path: Where `Flickr8k_text.zip` is.

    Returns:
        For each name of an image its captions, in order and without white space
        around them; for each split the names of its images, in order.

    Raises:
        ValueError: If it is not the archive that it should be.
    """
    wanted = [CAPTIONS, *(file for file, _ in SPLITS.values())]
    try:
        with zipfile.ZipFile(path) as archive:
            missing = sorted(set(wanted) - set(archive.namelist()))
            if missing:
                raise ValueError(f"{path} must hold {missing}")
            lines = {n: archive.read(n).decode("utf-8").splitlines() for n in wanted}
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ValueError(f"{path} must be the published {TEXTS}: {error}") from error
    numbered: dict[str, dict[str, str]] = collections.defaultdict(dict)
    for i, line in enumerate(lines[CAPTIONS], start=1):
        key, tab, caption = line.partition("\t")
        name, mark, number = key.rpartition("#")
        if not (tab and mark) or number in numbered[name]:
            raise ValueError(
                f"{CAPTIONS} in {path} must have lines of an image's name, #, a new "
                f"number, a tab and a caption. Received as line {i}: {line!r}"
            )
        numbered[name][number] = caption.strip()
    expected = [str(i) for i in range(NUM_CAPTIONS)]
    for name, texts in numbered.items():
        if sorted(texts) != expected:
            raise ValueError(
                f"{name} must have the captions {expected} in {path}. Received: "
                f"{sorted(texts)}"
            )
    captions = {n: [texts[i] for i in expected] for n, texts in numbered.items()}
    return captions, {
        split: _split_names(path, file, lines[file], size, captions)
        for split, (file, size) in SPLITS.items()
    }


def _split_names(
    path: Path, file: str, lines: list[str], expected: int, captions: dict
) -> list[str]:
    names = [line.strip() for line in lines if line.strip()]
    if len(names) != expected or len(set(names)) != expected:
        raise ValueError(
            f"{file} in {path} must name {expected} images once each. Received: "
            f"{len(names)} names, {len(set(names))} of them distinct"
        )
    strange = [n for n in names if n not in captions or n == WITHOUT_IMAGE]
    if strange:
        raise ValueError(f"{file} in {path} names {strange[0]!r}, which has no caption")
    return names


def check_images(path: Path, captioned: dict[str, Any]) -> None:
    """Checks that an archive holds an image for each name but the one known.

    Args:
        path: Where `Flickr8k_Dataset.zip` is.
        captioned: Names with captions.

    Raises:
        ValueError: If it is not the archive that it should be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} must be the published {IMAGES}: {error}") from error
    # Other folders, such as __MACOSX, may be there too.
    images = {
        name.removeprefix(IMAGE_FOLDER)
        for name in names
        if name.startswith(IMAGE_FOLDER) and name.endswith(".jpg")
    }
    if len(images) != NUM_IMAGES:
        raise ValueError(
            f"{path} must hold {NUM_IMAGES} files {IMAGE_FOLDER}*.jpg. Received: "
            f"{len(images)}"
        )
    difference = images ^ (set(captioned) - {WITHOUT_IMAGE})
    if difference:
        raise ValueError(
            f"{path} must hold the images that have captions. Received: "
            f"{min(difference)!r} in one of the archives alone"
        )
