"""EfficientNet-Lite, a convolutional network that turns an image into a grid."""

import math
from typing import Any

import keras

from rnnzoo.core.checks import check_positive
from rnnzoo.layers.initializers import GlorotUniform
from zoo_models.core.types import Tensor

# Kernel, stride, expansion, filters and number of the blocks of each stage.
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
# Factors of width and depth, and the side of the images it was trained on.
VARIANTS = {
    "lite0": (1.0, 1.0, 224),
    "lite1": (1.0, 1.1, 240),
    "lite2": (1.1, 1.2, 260),
}
STEM_FILTERS, FEATURE_DIM = 32, 1280
STRIDE = 32  # of the whole: pixels to a side of a place in the grid


def image_encoder(variant: str = "lite0", image_size: int | None = None) -> keras.Model:
    """Builds an EfficientNet-Lite without its classifier.

    Batch normalisation is folded into the convolutions. The parameters start at random;
    `training.train_captioner` converts those trained on ImageNet. The encoder computes
    in float32 under any dtype policy.

    Args:
        variant: `"lite0"`, `"lite1"` or `"lite2"`. Default `"lite0"`.
        image_size: Side of the images. Default: that of the variant, 224, 240 or 260.

    Returns:
        A Keras model from pixels, `(batch, image_size, image_size, 3)` from 0 to 1, to
        features, `(batch, places, 1280)`, where the places are those of a grid of
        `image_size / 32`, rounded up, to a side, row by row.

    Raises:
        ValueError: If there is no such variant, or the size is not positive.

    References:
        - Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
          Networks", 2019. The Lite variants have no squeeze-and-excitation and ReLU6.
    """
    if variant not in VARIANTS:
        raise ValueError(
            f"`variant` must be one of {list(VARIANTS)}. Received: {variant!r}"
        )
    width, depth, default_size = VARIANTS[variant]
    size = default_size
    if image_size is not None:
        size = check_positive("image_size", image_size)
    pixels = keras.Input((size, size, 3), dtype="float32", name="pixels")
    # From -127/128 to 1, as the network was trained.
    x = keras.layers.Rescaling(
        255 / 128, -127 / 128, dtype="float32", name="rescaling"
    )(pixels)
    x = _convolve(x, STEM_FILTERS, 3, 2, "stem")
    number = 0
    for i, (kernel, stride, expansion, filters, repeats) in enumerate(STAGES):
        # The first and last stage keep their depth.
        is_end = i in (0, len(STAGES) - 1)
        for j in range(repeats if is_end else math.ceil(depth * repeats)):
            x = _block(
                x,
                kernel,
                stride if j == 0 else 1,
                expansion,
                _round_to_eights(filters * width),
                f"block_{number}",
            )
            number += 1
    x = _convolve(x, FEATURE_DIM, 1, 1, "head")
    grid = math.ceil(size / STRIDE)
    features = keras.layers.Reshape(
        (grid * grid, FEATURE_DIM), dtype="float32", name="grid"
    )(x)
    return keras.Model(pixels, features, name="image_encoder")


def _block(
    x: Tensor, kernel: int, stride: int, expansion: int, filters: int, name: str
) -> Tensor:
    """An inverted residual block: wider, filtered channel by channel, narrow again."""
    y, size = x, x.shape[-1]
    if expansion != 1:
        y = _convolve(y, expansion * size, 1, 1, f"{name}_expand")
    y = keras.layers.DepthwiseConv2D(
        kernel,
        stride,
        padding="same",
        data_format="channels_last",
        depthwise_initializer=GlorotUniform(),
        dtype="float32",
        name=f"{name}_depthwise",
    )(y)
    y = keras.layers.ReLU(6.0, dtype="float32", name=f"{name}_depthwise_relu")(y)
    y = _conv(filters, 1, name=f"{name}_project")(y)
    if stride == 1 and filters == size:
        return keras.layers.Add(dtype="float32", name=f"{name}_add")([x, y])
    return y


def _conv(filters: int, kernel: int, **arguments: Any) -> Tensor:
    return keras.layers.Conv2D(
        filters,
        kernel,
        data_format="channels_last",
        kernel_initializer=GlorotUniform(),
        dtype="float32",
        **arguments,
    )


def _convolve(x: Tensor, filters: int, kernel: int, stride: int, name: str) -> Tensor:
    x = _conv(filters, kernel, strides=stride, padding="same", name=name)(x)
    return keras.layers.ReLU(6.0, dtype="float32", name=f"{name}_relu")(x)


def _round_to_eights(filters: float) -> int:
    """The nearest multiple of eight that takes away a tenth at most."""
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded
