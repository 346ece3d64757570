"""Scores of all words, by the table that also embeds them."""

from typing import Any

import keras

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import Tensor
from rnnzoo.layers.initializers import RandomNormal


@keras.saving.register_keras_serializable(package="rnnzoo")
class TiedEmbedding(keras.layers.Layer):
    """Embeds ids, and scores features against the same table.

        embed(i) = sqrt(embedding_dim) E_i,        score(f)_i = E_i · f + b_i

    `E` is the weight `embeddings`, of shape `(vocabulary_size, embedding_dim)`, `b`
    is `bias`.

    Args:
        vocabulary_size: Number of ids. Positive integer.
        embedding_dim: Size of an embedding. Positive integer.
        **kwargs: Arguments of every Keras layer, such as `name` and `dtype`.

    Call arguments:
        inputs: Ids, integers of shape `(batch, time)`; with `reverse` features of
            shape `(..., embedding_dim)`.
        reverse: Whether to score features rather than embed ids. Default `False`.

    Returns:
        Embeddings, of shape `(batch, time, embedding_dim)`; with `reverse` scores of
        shape `(..., vocabulary_size)`, in float32.

    Raises:
        ValueError: If a size is not a positive integer.

    Example:

    ```python
    import numpy as np
    from rnnzoo.layers import TiedEmbedding

    embed = TiedEmbedding(11, 4)
    embeddings = embed(np.array([[5, 3]]))
    assert embeddings.shape == (1, 2, 4)
    assert embed(embeddings, reverse=True).shape == (1, 2, 11)
    ```

    References:
        - Press and Wolf, "Using the Output Embedding to Improve Language Models",
          2017.
    """

    def __init__(self, vocabulary_size: int, embedding_dim: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.vocabulary_size = check_positive("vocabulary_size", vocabulary_size)
        self.embedding_dim = check_positive("embedding_dim", embedding_dim)
        # Makes the first embeddings and the first scores about as large as 1.
        self.initializer = RandomNormal(stddev=self.embedding_dim**-0.5)

    def build(self, inputs_shape: Any = None) -> None:
        self.embeddings = self.add_weight(
            shape=(self.vocabulary_size, self.embedding_dim),
            initializer=self.initializer,
            name="embeddings",
        )
        self.bias = self.add_weight(
            shape=(self.vocabulary_size,), initializer="zeros", name="bias"
        )
        self.built = True

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        ops = keras.ops
        if not reverse:
            embeddings = ops.take(self.embeddings, inputs, axis=0)
            return ops.cast(embeddings, self.compute_dtype) * self.embedding_dim**0.5
        table = ops.transpose(ops.cast(self.embeddings, inputs.dtype))
        # Probabilities of thousands want more than half precision.
        scores = ops.cast(ops.matmul(inputs, table), "float32")
        return scores + ops.cast(self.bias, "float32")

    def compute_output_spec(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        # Told here, for Keras would trace the call to find out.
        if reverse:
            shape = (*inputs.shape[:-1], self.vocabulary_size)
            return keras.KerasTensor(shape, "float32")
        shape = (*inputs.shape, self.embedding_dim)
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "embedding_dim": self.embedding_dim,
        }
