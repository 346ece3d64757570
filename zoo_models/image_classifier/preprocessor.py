"""The preprocessor of `ImageClassifier`: images of any kind to pixels of one shape."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from rnnzoo.images import ImagePreprocessor, image_rank
from zoo_models.core.preprocessor import Preprocessor
from zoo_models.core.types import Json, Raw, TFTensor


class ImageClassifierPreprocessor(Preprocessor):
    """Turns images into pixels of one shape.

    Args:
        images: An `rnnzoo.images.ImagePreprocessor`.

    Call arguments:
        batch: Images: see `rnnzoo.images.ImagePreprocessor`.

    Returns:
        Float32 tensor of shape `(batch, *image_shape)`, from 0 to 1.
    """

    input_name = "image_bytes"
    prepares_singly = True

    def __init__(self, images: ImagePreprocessor):
        if not isinstance(images, ImagePreprocessor):
            raise TypeError(
                "The preprocessor must be an rnnzoo.images.ImagePreprocessor. "
                f"Received: {type(images).__name__}"
            )
        self.images = images

    @classmethod
    def adopt(cls, preprocessor: Any) -> Self:
        return preprocessor if isinstance(preprocessor, cls) else cls(preprocessor)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(height, width, channels)` of the images made."""
        return self.images.image_shape

    def check(self, raw: Raw, name: str) -> np.ndarray:
        return self.images.read(raw, name)

    def rank(self, inputs: Any) -> int:
        return image_rank(inputs)

    def __call__(self, batch: TFTensor) -> TFTensor:
        return self.images(batch)

    @classmethod
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        shape, is_ink = arguments["image_shape"], arguments.get("is_ink", False)
        return cls(ImagePreprocessor(shape, is_ink=is_ink))

    def save(self, folder: Path) -> Json:
        return {}  # what it needs is in the configuration of the model
