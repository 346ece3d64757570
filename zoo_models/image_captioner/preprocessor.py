"""What a captioner reads and is told: an image, and captions."""

from typing import Any

from rnnzoo.images import ImagePreprocessor
from rnnzoo.text import PAD_ID, UNKNOWN_ID, CaptionTokenizer


class CaptionPreprocessor:
    """An `ImagePreprocessor` and a `CaptionTokenizer`, as a captioner needs them.

    Args:
        images: Prepares the images.
        captions: Makes ids of captions.

    Call arguments:
        raw: A batch of images: see `ImagePreprocessor`.

    Returns:
        Float32 tensor of shape `(batch, height, width, 3)`, from 0 to 1.
    """

    def __init__(self, images: ImagePreprocessor, captions: CaptionTokenizer):
        self.images = images
        self.captions = captions

    def __call__(self, raw: Any) -> Any:
        return self.images(raw)

    def check(self, vocabulary_size: int, image_size: int) -> None:
        """Raises `ValueError` unless it is of these sizes."""
        expected = vocabulary_size, (image_size, image_size, 3)
        received = len(self.captions.vocabulary), self.images.image_shape
        if received != expected:
            raise ValueError(
                "The preprocessor must have a vocabulary of `vocabulary_size` and make "
                f"images of `image_size`: {expected}. Received: {received}"
            )

    def tell(self, captions: Any) -> tuple[Any, Any, Any]:
        """What a captioner is told of captions in training.

        Args:
            captions: Strings of shape `(batch, captions)`; empty ones count nothing.

        Returns:
            Ids from the start token on, the ids to be told after each of them, and
            the weight of each, all of shape `(batch, captions, time)`.
        """
        import tensorflow as tf

        shape = tf.shape(captions)
        token_ids = self.captions(tf.reshape(captions, [-1]))
        token_ids *= tf.cast(tf.reshape(captions, [-1, 1]) != "", tf.int32)
        return split_told(tf.reshape(token_ids, [shape[0], shape[1], -1]))


def split_told(token_ids: Any) -> tuple[Any, Any, Any]:
    """As `CaptionPreprocessor.tell`, from ids with start and end.

    Nothing is learnt of unknown words, which are never written.
    """
    import tensorflow as tf

    expected = token_ids[..., 1:]
    weights = tf.cast((expected != PAD_ID) & (expected != UNKNOWN_ID), tf.float32)
    return token_ids[..., :-1], expected, weights
