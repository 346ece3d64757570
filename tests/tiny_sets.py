"""Two TFDS sets that take a second to make, and whose labels can be learnt."""

import numpy as np
import tensorflow_datasets as tfds

WORDS = {0: ["bad", "dull", "poor"], 1: ["good", "fine", "moving"]}
SIZES = {"train": 120, "test": 40}


class Labelled:
    """Examples of two labels in turn."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        name, feature, labels = self.content()
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {name: feature, "label": tfds.features.ClassLabel(names=labels)}
            ),
            supervised_keys=(name, "label"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        rng = np.random.default_rng(len(split))
        name, *_ = self.content()
        for i in range(SIZES[split]):
            yield i, {name: self.draw(rng, i % 2), "label": i % 2}


class TinyReviews(Labelled, tfds.core.GeneratorBasedBuilder):
    """Made-up reviews of one verdict and many other words."""

    def content(self):
        return "text", tfds.features.Text(), ["neg", "pos"]

    def draw(self, rng, label):
        others = [f"w{n}" for n in rng.integers(0, 20, rng.integers(1, 12))]
        verdict = WORDS[label][rng.integers(3)]
        position = rng.integers(len(others) + 1)
        return " ".join([*others[:position], verdict, *others[position:]])


class TinyShapes(Labelled, tfds.core.GeneratorBasedBuilder):
    """Bars that stand or lie, in colours, on noise."""

    def content(self):
        feature = tfds.features.Image(shape=(8, 9, 3))
        return "image", feature, ["lying", "standing"]

    def draw(self, rng, label):
        image = rng.integers(0, 40, (8, 9, 3), "uint8")
        place = rng.integers(2, 6)
        bar = np.s_[:, place] if label else np.s_[place, :]
        image[bar] = rng.integers(150, 256, 3)
        return image


def prepare(name, folder):
    """Prepares a set in `folder`, which can then be given as `--data-dir`."""
    tfds.builder(name, data_dir=str(folder), try_gcs=False).download_and_prepare()
    return folder
