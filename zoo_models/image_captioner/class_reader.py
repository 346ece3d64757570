"""What the image encoder's own classifier sees, as words that can be copied."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo_models.core.types import Tensor
from zoo_models.image_captioner.class_words import NUM_CLASSES
from zoo_models.image_captioner.image_encoder import FEATURE_DIM

FORMS = 2  # of a word: singular, plural
# A class counts with what its probability is above this. The classifier gives a little
# to every class: without it 118 breeds make a dog of everything.
FLOOR = 0.005


@keras.saving.register_keras_serializable(package="rnnzoo")
class ClassReader(keras.layers.Layer):
    """The most probable words for an image, by the classifier of its encoder.

    The classifier, one dense layer, reads the mean of the features. The probabilities
    of classes that share a word add up, as far as they are over 0.005.

    Args:
        classes: The place in `words` of each class's word, -1 where it has none.
        words: The ids of each word's forms: its singular and plural, 0 for a form that
            it lacks.
        num_words: Number of words that are given. Positive.

    Call arguments:
        image_features: `(batch, places, 1280)`.

    Returns:
        Ids of the forms of the words, the most probable first, `(batch, 2 *
        num_words)`, and the log-probability of each, of the same shape. The ids of
        words that are not probable at all are 0.

    Raises:
        ValueError: If the classes do not fit the words.

    References:
        - Yao et al., "Incorporating Copying Mechanism in Image Captioning for Learning
          Novel Objects", 2017: words of a classifier, copied.
    """

    def __init__(
        self,
        classes: Sequence[int],
        words: Sequence[Sequence[int]],
        num_words: int,
        **kwargs: Any,
    ):
        super().__init__(dtype="float32", trainable=False, **kwargs)
        if len(classes) != NUM_CLASSES or max(classes) >= len(words):
            raise ValueError(
                f"`classes` must be {NUM_CLASSES} places in `words`, of which there "
                f"are {len(words)}. Received: {len(classes)}, up to {max(classes)}"
            )
        self.num_words = num_words
        named = np.flatnonzero(np.array(classes) >= 0)
        self.fold = np.zeros((NUM_CLASSES, len(words)), "float32")
        self.fold[named, np.array(classes)[named]] = 1.0
        self.forms = np.array(words, "int32").reshape(-1, FORMS)

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(shape=(FEATURE_DIM, NUM_CLASSES), name="kernel")
        self.bias = self.add_weight(
            shape=(NUM_CLASSES,), initializer="zeros", name="bias"
        )
        self.built = True

    def call(self, image_features: Tensor) -> tuple[Tensor, Tensor]:
        seen = ops.mean(image_features, axis=1)
        probable = ops.softmax(ops.matmul(seen, self.kernel) + self.bias)
        probable = ops.maximum(probable - FLOOR, 0.0)
        probable = ops.matmul(probable, ops.convert_to_tensor(self.fold))
        probable, order = ops.top_k(probable, self.num_words)
        ids = ops.take(ops.convert_to_tensor(self.forms), order, axis=0)
        ids = ops.where(probable[..., None] > 0.0, ids, ops.zeros_like(ids))
        ids = ops.reshape(ids, (-1, FORMS * self.num_words))
        return ids, ops.repeat(ops.log(probable + 1e-6), FORMS, axis=1)

    def compute_output_spec(
        self, image_features: keras.KerasTensor
    ) -> keras.KerasTensor:
        shape = (image_features.shape[0], FORMS * self.num_words)
        return keras.KerasTensor(shape, "int32"), keras.KerasTensor(shape, "float32")
