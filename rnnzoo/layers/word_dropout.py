"""Dropout of whole words."""

from typing import Any

import keras

from rnnzoo.core.checks import check_rate
from rnnzoo.core.types import Tensor

UNKNOWN_ID, NUM_SPECIAL = 1, 4  # special tokens have the first ids and stay


@keras.saving.register_keras_serializable(package="rnnzoo")
class WordDropout(keras.layers.Layer):
    """Replaces all occurrences of random words of a text by the unknown word.

    Each text drops a part of the vocabulary of its own, so that a network learns to
    use many words instead of a few. Special tokens stay.

    Args:
        rate: Fraction of the vocabulary that each text drops, from 0 to 1.
        vocabulary_size: Number of token ids. Ids are from 0 to one less.
        seed: Integer seed, or `None`. Default `None`.
        **kwargs: Arguments of every Keras layer, such as `name`.

    Call arguments:
        token_ids: Integer tensor of shape `(batch, time)`.
        training: Whether words are replaced.

    Returns:
        Tensor of the same shape and type.

    Raises:
        ValueError: If `rate` is not from 0 to 1.

    Example:

    ```python
    import keras
    from rnnzoo.layers import WordDropout

    token_ids = keras.ops.convert_to_tensor([[4, 5, 4, 3, 0]])
    replaced = WordDropout(1.0, vocabulary_size=6)(token_ids, training=True)
    assert keras.ops.convert_to_numpy(replaced).tolist() == [[1, 1, 1, 3, 0]]
    ```

    References:
        - Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in
          Recurrent Neural Networks", 2016: dropping word types, not tokens.
    """

    def __init__(
        self,
        rate: float,
        vocabulary_size: int,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.rate = check_rate("rate", rate)
        self.vocabulary_size = vocabulary_size
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, token_ids: Tensor, training: bool = False) -> Tensor:
        if not training or not self.rate:
            return token_ids
        ops = keras.ops
        shape = (ops.shape(token_ids)[0], self.vocabulary_size)
        # A chance for each text and word, looked up for each place.
        chance = keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)
        chance = ops.take_along_axis(chance, token_ids, axis=1)  # (batch, time)
        is_dropped = ops.logical_and(chance < self.rate, token_ids >= NUM_SPECIAL)
        unknown = ops.full_like(token_ids, UNKNOWN_ID)
        return ops.where(is_dropped, unknown, token_ids)

    def compute_output_spec(self, token_ids: Tensor, training: bool = False) -> Tensor:
        # Ids stay integers where layers compute in half precision.
        return keras.KerasTensor(token_ids.shape, token_ids.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rate": self.rate,
            "vocabulary_size": self.vocabulary_size,
            "seed": self.seed,
        }
