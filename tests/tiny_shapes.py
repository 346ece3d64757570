"""A real TFDS set of images that takes a second to make: its labels can be learnt."""

import numpy as np
import tensorflow_datasets as tfds

SIZES = {"train": 120, "test": 40}


class TinyShapes(tfds.core.GeneratorBasedBuilder):
    """Bars that stand or lie, in colours, on noise."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 9, 3)),
                    "label": tfds.features.ClassLabel(names=["lying", "standing"]),
                }
            ),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        rng = np.random.default_rng(len(split))
        for i in range(SIZES[split]):
            label = i % 2
            image = rng.integers(0, 40, (8, 9, 3), "uint8")
            place = rng.integers(2, 6)
            bar = np.s_[:, place] if label else np.s_[place, :]
            image[bar] = rng.integers(150, 256, 3)
            yield i, {"image": image, "label": label}


def prepare(folder):
    """Prepares the set in `folder`, which can then be given as `--data-dir`."""
    builder = tfds.builder("tiny_shapes", data_dir=str(folder), try_gcs=False)
    builder.download_and_prepare()
    return folder
