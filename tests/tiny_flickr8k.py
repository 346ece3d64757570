"""Made-up archives of Flickr8k, with a few images of one colour each."""

import io
import zipfile

import numpy as np
from PIL import Image

from rnnzoo.datasets.flickr8k import flickr8k_dataset_builder as module

SIZES = {"train": 4, "validation": 2, "test": 3}
NAMES = {s: [f"{s}_{i}.jpg" for i in range(n)] for s, n in SIZES.items()}


def jpeg(seed, height=6, width=9):
    """The bytes of an image of one colour."""
    color = np.random.default_rng(seed).integers(0, 256, 3, "uint8")
    file = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), color)).save(file, "jpeg")
    return file.getvalue()


def contents():
    """Two dictionaries: the files of each archive, by name."""
    names = [name for split in NAMES.values() for name in split]
    images = {
        module.IMAGE_FOLDER + name: jpeg(i, height=6 + i)
        for i, name in enumerate(names)
    }
    # What the system that packed it left behind.
    images |= {"__MACOSX/" + name: b"" for name in images}
    lines = [
        f"{name}#{i}\tCaption {i} of # {name} .\n"
        for name in [*names, "without_image.jpg"]
        for i in range(module.NUM_CAPTIONS)
    ]
    texts = {module.CAPTIONS: "".join(lines), "readme.txt": "Made up."}
    for split, file in module.SPLITS.items():
        texts[file] = "".join(f"{name}\n" for name in NAMES[split])
    return images, texts


def write_files(folder):
    """Writes both archives."""
    for name, content in zip((module.IMAGES, module.TEXTS), contents(), strict=True):
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member, data in content.items():
                archive.writestr(member, data)
