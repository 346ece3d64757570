"""The compiled functions behind `ImageCaptioner.generate`, on any backend."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from rnnzoo.text import START_ID
from zoo_models.translator.functions import without_gradients


def build_captions(
    captioner: Any, max_length: int, num_return: int, from_features: bool = False
) -> Callable[[list[Any]], list[Any]]:
    """A function from a batch of pixels, or of features, to a list with the hypotheses
    of each image: caption, or ids without a preprocessor, score, input and ids."""
    encoder = captioner.encoder
    shape = encoder.output_shape if from_features else encoder.input_shape
    is_raw = captioner.preprocessor is not None

    def search(batch: Any) -> Any:
        features = batch if from_features else encoder(batch, training=False)
        ids, scores = captioner.caption_features(features, max_length, num_return)
        texts = captioner.to_texts(ids) if is_raw else ids
        return texts, scores, ids

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        compiled = tf.function(
            search,
            input_signature=[tf.TensorSpec(shape, "float32")],
            autograph=False,
        ).get_concrete_function()

        def call(batch: Any) -> list[np.ndarray]:
            return [x.numpy() for x in compiled(tf.constant(batch, "float32"))]

    else:

        def call(batch: Any) -> list[np.ndarray]:
            with without_gradients():
                texts, *others = search(batch)
            if not is_raw:
                texts = keras.ops.convert_to_numpy(texts)
            return [np.asarray(texts), *map(keras.ops.convert_to_numpy, others)]

    def hypotheses(batch: list[Any]) -> list[Any]:
        texts, scores, ids = call(np.stack(batch))
        return [
            [
                (texts[i, j], scores[i, j], batch[i], ids[i, j])
                for j in range(num_return)
            ]
            for i in range(len(batch))
        ]

    return hypotheses


def build_attention(captioner: Any, weights: Any) -> Callable[[Any, Any], np.ndarray]:
    """A function from pixels and the ids of a caption to the weights of the decoder's
    second look, `(words, places)`."""
    network = keras.Model(captioner.inputs, weights)

    def attend(pixels: Any, token_ids: Any) -> np.ndarray:
        told = np.append(START_ID, token_ids[:-1])[None, None].astype("int32")
        with without_gradients():
            weights = network([pixels[None], told], training=False)
        return keras.ops.convert_to_numpy(weights)[0]

    return attend
