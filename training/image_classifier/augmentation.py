"""Random distortion of images, different in each epoch."""

import math
from dataclasses import dataclass
from typing import Any

# TFDS sets of handwriting; the others show things.
HANDWRITING = ("mnist", "emnist", "kmnist", "omniglot", "cmaterdb")


def is_handwriting(dataset: str) -> bool:
    """Returns whether a TFDS set, such as `emnist/letters:3.1.0`, has handwriting."""
    return dataset.split("/")[0].split(":")[0] in HANDWRITING


@dataclass(frozen=True)
class Distortion:
    """Displaces, rotates, shears, scales, shifts and mirrors images in one resampling.

    Keras has a layer for each of these, but five in a row blur strokes of two pixels;
    they draw from a state of their own, so that a run that was killed could not go on
    as it would have; and as of Keras 3.15 `RandomElasticTransform` draws both of its
    displacements from one seed, so that it displaces along a diagonal only.

    Args:
        elastic: Standard deviation of the elastic displacement at the points of a grid
            of 5 × 5, in pixels; smooth between them.
        rotation: Largest rotation, in degrees.
        shear: Largest shear: pixels to the side for each pixel down.
        scale: Largest change of height and of width, as a part of them.
        shift: Largest shift, in pixels.
        mirror: Whether half of the images are mirrored left to right.

    Call arguments:
        images: Float tensor of shape `(batch, height, width, channels)`.
        seed: Int32 tensor of shape `(2,)`: the same seed makes the same changes.

    Returns:
        Tensor of the same shape.

    References:
        - Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural
          Networks Applied to Visual Document Analysis", 2003: elastic distortions.
    """

    elastic: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    mirror: bool = False

    def __call__(self, images: Any, seed: Any) -> Any:
        import tensorflow as tf

        count, height, width = tf.unstack(tf.shape(images)[:3])
        # Seven numbers for each image, from -1 to 1.
        chance = tf.random.stateless_uniform((7, count, 1, 1), seed, -1.0, 1.0)
        angle = chance[0] * math.radians(self.rotation)
        high, wide = 1 + chance[1] * self.scale, 1 + chance[2] * self.scale
        shear, down, right = (
            chance[3] * self.shear,
            chance[4] * self.shift,
            chance[5] * self.shift,
        )
        if self.mirror:
            wide *= tf.sign(chance[6])
        grid = tf.random.stateless_normal((count, 5, 5, 2), seed, stddev=self.elastic)
        displacement = tf.image.resize(grid, (height, width), "bicubic")
        middle_y = tf.cast(height - 1, tf.float32) / 2
        middle_x = tf.cast(width - 1, tf.float32) / 2
        y = tf.cast(tf.range(height), tf.float32)[None, :, None] - middle_y
        x = tf.cast(tf.range(width), tf.float32)[None, None, :] - middle_x
        # Where each pixel is fetched from.
        from_x = wide * tf.cos(angle) * x + (shear - tf.sin(angle)) * y
        from_y = wide * tf.sin(angle) * x + high * tf.cos(angle) * y
        from_x += middle_x + right + displacement[..., 0]
        from_y += middle_y + down + displacement[..., 1]
        return _fetch(images, from_y, from_x)


def _fetch(images: Any, y: Any, x: Any) -> Any:
    """Bilinear values of images at places of shape `(batch, height, width)`."""
    import tensorflow as tf

    shape = tf.shape(images)
    count, height, width = tf.unstack(shape[:3])
    y = tf.clip_by_value(y, 0.0, tf.cast(height - 1, tf.float32))
    x = tf.clip_by_value(x, 0.0, tf.cast(width - 1, tf.float32))
    top, left = tf.floor(y), tf.floor(x)
    down, right = (y - top)[..., None], (x - left)[..., None]
    # One row and column more, for the neighbours of the last ones: their weight is 0.
    padded = tf.pad(images, [[0, 0], [0, 1], [0, 1], [0, 0]])
    pixels = tf.reshape(padded, (-1, images.shape[-1]))
    stride = width + 1
    index = tf.cast(top, tf.int32) * stride + tf.cast(left, tf.int32)
    index += tf.range(count)[:, None, None] * (height + 1) * stride
    upper = (1 - right) * tf.gather(pixels, index) + right * tf.gather(
        pixels, index + 1
    )
    lower = (1 - right) * tf.gather(pixels, index + stride) + right * tf.gather(
        pixels, index + stride + 1
    )
    return tf.ensure_shape((1 - down) * upper + down * lower, images.shape)
