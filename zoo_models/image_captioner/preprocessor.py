"""The preprocessor of `ImageCaptioner`: images to pixels, captions to ids and back."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from rnnzoo.images import ImagePreprocessor
from rnnzoo.text import PAD_ID, UNKNOWN_ID, CaptionTokenizer, Vocabulary
from zoo_models.core.preprocessor import VOCABULARY_FILE, ImageInputs, as_rows
from zoo_models.core.types import Json, Targets, TFTensor

INTERPOLATION = "bicubic"  # as the encoder was trained


class ImageCaptionerPreprocessor(ImageInputs):
    """An `ImagePreprocessor` for the images and a `CaptionTokenizer` for the captions.

    Call arguments:
        batch: A batch of images: see `ImagePreprocessor`.

    Returns:
        Float32 tensor of shape `(batch, height, width, 3)`, from 0 to 1.
    """

    example = ("image", "caption")
    needs_targets = True
    pads_targets = True

    def __init__(self, images: ImagePreprocessor, captions: CaptionTokenizer):
        self.images = images
        self.captions = captions
        self.vocabulary = captions.vocabulary
        self.max_length = captions.max_length
        self.detokenize = captions.detokenize

    def check_targets(self, targets: Targets) -> np.ndarray:
        rows = [_texts(raw, f"y[{i}]") for i, raw in enumerate(as_rows(targets, "y"))]
        longest = max((len(texts) for texts in rows), default=1)
        padded = [texts + [b""] * (longest - len(texts)) for texts in rows]
        return np.array(padded, object).reshape(len(rows), longest)

    def to_training(self, inputs: TFTensor, *targets: TFTensor) -> tuple[TFTensor, ...]:
        import tensorflow as tf

        captions, *weight = targets
        shape = tf.shape(captions)
        flat = tf.reshape(captions, [-1])
        # Empty ones count nothing.
        token_ids = self.captions(flat) * tf.cast(flat != "", tf.int32)[:, None]
        before, expected, weights = teacher_forcing(
            tf.reshape(token_ids, [shape[0], shape[1], -1])
        )
        for factor in weight:
            weights *= tf.cast(factor, tf.float32)[:, None, None]
        return {"pixels": inputs, "token_ids": before}, expected, weights

    def sizes(self) -> Json:
        return {
            "vocabulary_size": len(self.vocabulary),
            "image_size": self.images.image_shape[0],
        }

    @classmethod
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        size = arguments["image_size"]
        return cls(
            ImagePreprocessor((size, size, 3), INTERPOLATION),
            CaptionTokenizer(Vocabulary.load(folder / VOCABULARY_FILE), **settings),
        )


def teacher_forcing(token_ids: TFTensor) -> tuple[TFTensor, TFTensor, TFTensor]:
    """Returns ids from the start token on, the ids that follow each of them, and their
    weights, 0 for padding and unknown words, all `(batch, captions, time - 1)`.

    Args:
        token_ids: Ids with start and end, `(batch, captions, time)`.
    """
    import tensorflow as tf

    expected = token_ids[..., 1:]
    weights = tf.cast((expected != PAD_ID) & (expected != UNKNOWN_ID), tf.float32)
    return token_ids[..., :-1], expected, weights


def _texts(captions: Any, name: str) -> list[bytes]:
    """Returns the captions of an image in UTF-8."""
    texts = [captions] if isinstance(captions, str | bytes) else captions
    if not isinstance(texts, list | tuple | np.ndarray) or not all(
        isinstance(text, str | bytes) for text in texts
    ):
        raise TypeError(
            "The captions of an image must be a text or a list of texts. Received: "
            f"{name} is {captions!r}"
        )
    return [
        text.encode("utf-8", errors="replace") if isinstance(text, str) else text
        for text in texts
    ]
