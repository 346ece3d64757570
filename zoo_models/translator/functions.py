"""The compiled functions behind `Translator.generate`, on any backend."""

import contextlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from rnnzoo.text import START_ID


def build_translation(
    translator: Any, max_length: int, num_return: int
) -> Callable[[list[Any]], list[Any]]:
    """A function from a batch of texts, or of ids without a preprocessor, to a list
    with the hypotheses of each: text, score, source ids and ids."""
    is_raw = translator.preprocessor is not None
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if is_raw:
            signature = [tf.TensorSpec([None], tf.string)]

            def run(batch):
                source_ids = translator.prepare(batch)
                ids, scores = translator.translate_ids(
                    source_ids, max_length, num_return
                )
                return translator.finish(source_ids, ids, scores)

        else:
            signature = [tf.TensorSpec([None, None], tf.int32)]

            def run(batch):
                ids, scores = translator.translate_ids(batch, max_length, num_return)
                return ids, scores, batch, ids

        compiled = tf.function(
            run, input_signature=signature, autograph=False
        ).get_concrete_function()
        dtype = signature[0].dtype

        def call(batch):
            return [x.numpy() for x in compiled(tf.constant(batch, dtype))]

    else:

        def call(batch):
            source_ids = translator.prepare(batch).numpy() if is_raw else batch
            with without_gradients():
                results = translator.translate_ids(source_ids, max_length, num_return)
            ids, scores = (keras.ops.convert_to_numpy(x) for x in results)
            if not is_raw:
                return ids, scores, source_ids, ids
            return [np.asarray(x) for x in translator.finish(source_ids, ids, scores)]

    def hypotheses(batch):
        batch = batch if is_raw else np.stack(batch)
        texts, scores, source_ids, ids = call(batch)
        return [
            [
                (texts[i, j], scores[i, j], source_ids[i], ids[i, j])
                for j in range(num_return)
            ]
            for i in range(len(batch))
        ]

    return hypotheses


def build_attention(translator: Any) -> Callable[[Any, Any], np.ndarray]:
    """A function from the ids of a source and of a translation to the weights of the
    decoder's second look, `(target pieces, source pieces)`."""
    weights = translator.get_layer("attention_2").output[1]
    network = keras.Model(translator.inputs, weights)

    def attend(source_ids, token_ids):
        inputs = [source_ids[None], np.append(START_ID, token_ids[:-1])[None]]
        with without_gradients():
            weights = network([x.astype("int32") for x in inputs], training=False)
        return keras.ops.convert_to_numpy(weights)[0]

    return attend


def without_gradients() -> Any:
    """Keeps PyTorch from recording what happens inside."""
    if keras.backend.backend() != "torch":
        return contextlib.nullcontext()
    import torch

    return torch.no_grad()
