"""A real TFDS data set that takes a second to make: its labels can be learnt."""

import numpy as np
import tensorflow_datasets as tfds

WORDS = {0: ["bad", "dull", "poor"], 1: ["good", "fine", "moving"]}
SIZES = {"train": 120, "test": 40}


class TinyReviews(tfds.core.GeneratorBasedBuilder):
    """Made-up reviews of one verdict and many other words."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=["neg", "pos"]),
                }
            ),
            supervised_keys=("text", "label"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        rng = np.random.default_rng(len(split))
        for i in range(SIZES[split]):
            label = i % 2
            others = [f"w{n}" for n in rng.integers(0, 20, rng.integers(1, 12))]
            verdict = WORDS[label][rng.integers(3)]
            position = rng.integers(len(others) + 1)
            words = [*others[:position], verdict, *others[position:]]
            yield i, {"text": " ".join(words), "label": label}


def prepare(folder):
    """Prepares the set in `folder`, which can then be given as `--data-dir`."""
    builder = tfds.builder("tiny_reviews", data_dir=str(folder), try_gcs=False)
    builder.download_and_prepare()
    return folder
