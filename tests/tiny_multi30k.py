"""Made-up files of Multi30k, of a few lines."""

import gzip

from rnnzoo.datasets.multi30k import multi30k_dataset_builder as module

SIZES = {
    "train": 6,
    "validation": 2,
    "test_2016_flickr": 3,
    "test_2017_flickr": 2,
    "test_2018_flickr": 1,
}


def write_files(folder, languages=("en", "de", "cs")):
    """Made-up files of a few lines; there is none of 2017 in Czech."""
    for split, size in SIZES.items():
        for language in languages:
            if language == "cs" and split in module.NOT_IN_CZECH:
                continue
            path = folder / f"{module.FILES[split]}.{language}.gz"
            lines = [f" {language} {split} {i} Ä\n" for i in range(size)]
            path.write_bytes(gzip.compress("".join(lines).encode()))
