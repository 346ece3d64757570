"""Labelled images for training."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.images import ImagePreprocessor
from training.core import dataset_checks

BATCH = 500  # prepared at once


@dataclass
class LabelledImages:
    """Pixels as the network takes them, a float32 array, and labels, an int32 array."""

    pixels: np.ndarray
    labels: np.ndarray

    def take(self, indices: np.ndarray) -> "LabelledImages":
        """Returns the examples at `indices`."""
        return LabelledImages(self.pixels[indices], self.labels[indices])


def find_image_shape(builder: Any, image: str) -> tuple[int, int, int]:
    """Returns the shape of a data set's images.

    Raises:
        ValueError: If they are of different sizes, or neither grey nor RGB.
    """
    shape = builder.info.features[image].shape
    if None in shape or shape[-1] not in (1, 3):
        raise ValueError(
            f"The images of {builder.name} must be of one size, grey or RGB. Received: "
            f"shape {shape}. Resize them with --set image_size=HEIGHT,WIDTH."
        )
    return tuple(shape)


def read_split(
    builder: Any, split: str, image: str, label: str, preprocessor: ImagePreprocessor
) -> LabelledImages:
    """Reads a split of a TFDS data set into memory, as the network takes it.

    Raises:
        ValueError: If the data set has no such split, or if in it a label is missing
            or there is one class only.
    """
    import tensorflow as tf

    dataset_checks.check_split(builder, split)
    examples = builder.as_dataset(split=split).map(
        # One by one, for images may be of different sizes.
        lambda example: (preprocessor(example[image][None])[0], example[label]),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    batches = list(examples.batch(BATCH).as_numpy_iterator())
    labels = np.concatenate([[], *(labels for _, labels in batches)]).astype("int32")
    dataset_checks.check_labels(labels, f"split {split!r} of {builder.name}")
    return LabelledImages(np.concatenate([pixels for pixels, _ in batches]), labels)
