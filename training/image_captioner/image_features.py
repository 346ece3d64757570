"""What an image encoder sees in the images of a data set, computed once and kept."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.files import write_aside

BATCH = 32  # images at once


def cached_features(
    builder: Any,
    split: str,
    read: Callable[[Any], Any],
    encoder: Any,
    name: str,
    folder: Path,
    flip: bool = False,
) -> np.ndarray:
    """The features of all images of a split, from a file if they were computed before.

    The file is written aside and renamed: it is whole or not there.

    Args:
        builder: The TFDS builder.
        split: Name of the split.
        read: Maps an example to the pixels that the encoder takes, in TensorFlow ops.
        encoder: Keras model from pixels to features.
        name: Name of the encoder and its weights; others have files of their own.
        folder: Folder of the files, in it a folder for each data set and version.
        flip: Whether images are mirrored. Default `False`.

    Returns:
        Float16 array of shape `(images, places, features)`, on disk.
    """
    import tensorflow as tf
    from tqdm.auto import tqdm

    full_name = re.sub(r"[^\w.]+", "-", builder.info.full_name)
    side = "-flipped" if flip else ""
    file_name = re.sub(r"[^\w.]+", "-", split) + f"{side}.npy"
    path = folder / full_name / name / file_name
    if path.is_file():
        return np.load(path, mmap_mode="r")

    def prepare(example: Any) -> Any:
        pixels = tf.ensure_shape(read(example), encoder.input_shape[1:])
        return pixels[:, ::-1] if flip else pixels

    images = builder.as_dataset(split=split).map(
        prepare, num_parallel_calls=2, deterministic=True
    )
    size = int(images.cardinality())
    look = tf.function(
        lambda pixels: tf.cast(encoder(pixels, training=False), tf.float16),
        input_signature=[tf.TensorSpec(encoder.input_shape, tf.float32)],
    )
    with (
        write_aside(path) as aside,
        tqdm(total=size, unit="image", disable=None) as bar,
    ):
        shape = (size, *encoder.output_shape[1:])
        features = np.lib.format.open_memmap(aside, "w+", "float16", shape)
        start = 0
        for batch in images.batch(BATCH).prefetch(2):
            rows = look(batch).numpy()
            features[start : start + len(rows)] = rows
            start += len(rows)
            bar.update(len(rows))
        features.flush()
    return np.load(path, mmap_mode="r")
