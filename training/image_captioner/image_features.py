"""What an image encoder sees in the images of a data set, computed once and kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.core.files import atomic_write

BATCH = 32  # images at once
SMALLEST = 0.7  # side of a crop, of the whole


@dataclass(frozen=True)
class View:
    """A way to look at an image.

    Attributes:
        name: Of its files: empty for the image as it is.
        change: Called with pixels, `(side, side, channels)`, and the number of the
            image; gives pixels of the same shape. In TensorFlow ops.
    """

    name: str
    change: Callable[[Any, Any], Any]


AS_IT_IS = View("", lambda pixels, number: pixels)
MIRRORED = View("flipped", lambda pixels, number: pixels[:, ::-1])


def crop(number: int) -> View:
    """A view of a part of each image, whose place and size are up to chance, mirrored
    or not. Views of other numbers are of other parts."""
    import tensorflow as tf

    def change(pixels: Any, image: Any) -> Any:
        seed = tf.stack([tf.cast(image, tf.int32), number])
        side = tf.shape(pixels)[0]
        draw = tf.random.stateless_uniform((4,), seed)
        whole = tf.cast(side, tf.float32)
        size = tf.cast(tf.round(whole * (SMALLEST + (1 - SMALLEST) * draw[0])), "int32")
        top, left = tf.unstack(
            tf.cast(draw[1:3] * tf.cast(side - size + 1, tf.float32), tf.int32)
        )
        part = pixels[top : top + size, left : left + size]
        part = tf.image.resize(part, (side, side), "bicubic")
        part = tf.clip_by_value(part, 0.0, 1.0)  # cubes overshoot
        return tf.where(draw[3] < 0.5, part, part[:, ::-1])

    return View(f"crop-{number}", change)


def cached_features(
    builder: Any,
    split: str,
    read: Callable[[Any], Any],
    encoder: Any,
    name: str,
    folder: Path,
    view: View = AS_IT_IS,
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
        view: How images are looked at. Default: as they are.

    Returns:
        Float16 array of shape `(images, places, features)`, on disk.
    """
    import tensorflow as tf
    from tqdm.auto import tqdm

    full_name = re.sub(r"[^\w.]+", "-", builder.info.full_name)
    stem = "-".join(filter(None, [re.sub(r"[^\w.]+", "-", split), view.name]))
    path = folder / full_name / name / f"{stem}.npy"
    if path.is_file():
        return np.load(path, mmap_mode="r")

    shape = encoder.input_shape[1:]

    def prepare(number: Any, example: Any) -> Any:
        pixels = view.change(tf.ensure_shape(read(example), shape), number)
        return tf.ensure_shape(pixels, shape)

    images = builder.as_dataset(split=split).enumerate()
    images = images.map(prepare, num_parallel_calls=2, deterministic=True)
    size = int(images.cardinality())
    look = tf.function(
        lambda pixels: tf.cast(encoder(pixels, training=False), tf.float16),
        input_signature=[tf.TensorSpec(encoder.input_shape, tf.float32)],
    )
    with (
        atomic_write(path) as aside,
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
