"""The preprocessor of `ImageClassifier`: images of any kind to pixels of one shape."""

from pathlib import Path
from typing import Self

from rnnzoo.images import ImagePreprocessor
from zoo_models.core.preprocessor import ImageInputs
from zoo_models.core.types import Json


class ImageClassifierPreprocessor(ImageInputs):
    """Turns images into pixels of one shape.

    Args:
        images: An `rnnzoo.images.ImagePreprocessor`.

    Call arguments:
        batch: Images: see `rnnzoo.images.ImagePreprocessor`.

    Returns:
        Float32 tensor of shape `(batch, *image_shape)`, from 0 to 1.
    """

    part = ImagePreprocessor

    def __init__(self, images: ImagePreprocessor):
        self.images = images

    def sizes(self) -> Json:
        return {"image_shape": self.images.image_shape}

    @classmethod
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        shape, is_ink = arguments["image_shape"], arguments.get("is_ink", False)
        return cls(ImagePreprocessor(shape, is_ink=is_ink))

    def save(self, folder: Path) -> Json:
        return {}  # what it needs is in the configuration of the model
