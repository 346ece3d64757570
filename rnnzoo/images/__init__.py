"""Images, from raw files and arrays to what a network reads.

The functions need TensorFlow; importing does not.
"""

from rnnzoo.images.image_preprocessor import (
    ImagePreprocessor,
    check_image_shape,
    image_rank,
)
from rnnzoo.images.ink import center_ink, deslant
from rnnzoo.images.pixels import (
    INTERPOLATIONS,
    decode_image,
    is_pil_image,
    read_image,
    resize_image,
    to_pixels,
)

__all__ = [
    "INTERPOLATIONS",
    "ImagePreprocessor",
    "center_ink",
    "check_image_shape",
    "decode_image",
    "deslant",
    "image_rank",
    "is_pil_image",
    "read_image",
    "resize_image",
    "to_pixels",
]
