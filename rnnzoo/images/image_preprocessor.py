"""The preprocessor of images, for training and serving alike."""

from functools import cached_property
from typing import Any

import numpy as np

from rnnzoo.core.types import TFTensor
from rnnzoo.images.ink import center_ink, describe_ink
from rnnzoo.images.pixels import (
    LUMINANCE,
    MAX_PIXELS,
    check_interpolation,
    decode_image,
    read_image,
    resize_image,
    to_pixels,
)


class ImagePreprocessor:
    """Decodes, resizes and scales images, in core TensorFlow ops.

    Args:
        image_shape: `(height, width, channels)` of the images made, with 1 channel
            (grey) or 3 (RGB).
        interpolation: How images are resized: see `rnnzoo.images.resize_image`.
            Default `"bilinear"`.
        is_ink: Whether images are handwriting, to be centred and scaled: see
            `rnnzoo.images.center_ink`. Only for grey ones. Default `False`.

    Call arguments:
        raw: Tensor of a batch: the bytes of image files, of shape `(batch,)`, or
            pixels of shape `(batch, height, width)` or `(batch, height, width, c)`
            where `c` is 1, 3 or 4: integers as in `rnnzoo.images.to_pixels`, or floats
            from 0 to 1.

    Returns:
        Float32 tensor of shape `(batch, *image_shape)`, from 0 to 1.

    Raises:
        ValueError: If an argument does not fit.
        tf.errors.InvalidArgumentError: If an image of the batch cannot be decoded, or
            floats are not from 0 to 1.

    Example:

    ```python
    import numpy as np
    from rnnzoo.images.image_preprocessor import ImagePreprocessor

    preprocessor = ImagePreprocessor((28, 28, 1))
    photo = np.zeros((40, 60, 3), "uint8")
    assert preprocessor.read(photo).shape == (28, 28, 1)
    ```
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        interpolation: str = "bilinear",
        is_ink: bool = False,
    ):
        self.image_shape = check_image_shape(image_shape)
        if is_ink and self.image_shape[2] != 1:
            raise ValueError(
                "Ink is looked for in grey images, of 1 channel. Received: "
                f"image_shape={self.image_shape}"
            )
        self.interpolation = check_interpolation(interpolation)
        self.is_ink = is_ink

    def __call__(self, raw: TFTensor) -> TFTensor:
        import tensorflow as tf

        raw = tf.convert_to_tensor(raw)
        if raw.shape.rank == 3:
            raw = raw[..., None]

        def prepare(image: TFTensor) -> TFTensor:
            if image.dtype == tf.string:
                image = decode_image(image)
            return self._fit(to_pixels(image, self.image_shape[2]))

        checks = []
        if raw.dtype.is_floating:
            # Not a number fails both comparisons.
            is_in_range = tf.reduce_all((raw >= 0.0) & (raw <= 1.0))
            message = (
                "An image of floats must be from 0 to 1. Received: one that is not"
            )
            checks.append(tf.debugging.Assert(is_in_range, [message]))
        with tf.control_dependencies(checks):
            return tf.map_fn(
                prepare,
                tf.identity(raw),
                fn_output_signature=tf.TensorSpec(self.image_shape, tf.float32),
            )

    def read(self, raw: TFTensor, name: str = "the image") -> np.ndarray:
        """Prepares one image of any kind.

        Args:
            raw: See `rnnzoo.images.read_image`.
            name: What errors call it.

        Returns:
            Float32 array of shape `image_shape`, from 0 to 1.

        Raises:
            TypeError, ValueError, FileNotFoundError: As in `read_image`.
        """
        import tensorflow as tf

        pixels = tf.constant(read_image(raw, name))
        return self._compiled_fit(to_pixels(pixels, self.image_shape[2])).numpy()

    def describe(self) -> dict[str, Any]:
        """Returns its settings and limits, for JSON: see `rnnzoo.onnx.Runner`."""
        return {
            "image_shape": list(self.image_shape),
            "interpolation": self.interpolation,
            "max_pixels": MAX_PIXELS,
            "luminance": list(LUMINANCE),
            "is_ink": self.is_ink,
            **({"ink": describe_ink()} if self.is_ink else {}),
        }

    def _fit(self, image: TFTensor) -> TFTensor:
        height, width, _ = self.image_shape
        if self.is_ink:
            return center_ink(image, height, width)
        return resize_image(image, height, width, self.interpolation)

    @cached_property
    def _compiled_fit(self) -> Any:
        import tensorflow as tf

        spec = tf.TensorSpec([None, None, self.image_shape[2]], tf.float32)
        return tf.function(
            self._fit, input_signature=[spec], autograph=False
        ).get_concrete_function()


def check_image_shape(image_shape: Any) -> tuple[int, int, int]:
    """Returns `(height, width, channels)`, or raises `ValueError`."""
    try:
        height, width, channels = (int(size) for size in image_shape)
    except (TypeError, ValueError):
        height = width = channels = 0
    if height < 1 or width < 1 or channels not in (1, 3):
        raise ValueError(
            "`image_shape` must be (height, width, channels) with 1 or 3 channels. "
            f"Received: image_shape={image_shape!r}"
        )
    return height, width, channels


def image_rank(images: TFTensor) -> int:
    """The rank of one raw image, told from an array of one or many, or from the spec of
    a dataset: 0 for paths and bytes, 2 for grey images without an axis of channels."""
    dtype = getattr(images.dtype, "as_numpy_dtype", images.dtype)
    if np.dtype(dtype).kind not in "biuf":
        return 0  # paths or bytes
    return 3 if images.shape[-1] in (1, 3, 4) else 2
