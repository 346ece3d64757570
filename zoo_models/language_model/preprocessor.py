"""The preprocessor of `LanguageModel`: texts to ids of words, and back."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from rnnzoo.core.checks import check_positive
from rnnzoo.text import END_ID, PAD_ID, Tokenizer, Vocabulary
from zoo_models.core.preprocessor import VOCABULARY_FILE, Preprocessor
from zoo_models.core.types import Json, TFTensor

MAX_READ = 4096  # words of a text that are read at most, its last ones


class LanguageModelPreprocessor(Preprocessor):
    """Turns texts into ids of words, after an end token, and ids into texts.

    The end token separates texts, so it also opens one.

    Args:
        vocabulary: The words and their ids.
        max_length: Words of a continuation at most, the end included. At least 1.
            Default 100.

    Call arguments:
        batch: Texts, `(batch,)`, of which the last 4 095 words are read.

    Returns:
        Int32 tensor of shape `(batch, time)`, with 0 as right padding, which begins
        with the end token.
    """

    part = Vocabulary
    input_name = "prompt"
    example = ("text", "label")  # labels are passed over
    learns_from_inputs = True

    def __init__(self, vocabulary: Vocabulary, max_length: int = 100):
        self.vocabulary = vocabulary
        self.max_length = check_positive("max_length", max_length)
        self.words = Tokenizer(vocabulary, MAX_READ)
        self.tokenizer = self.words.open
        self.detokenize = self.words.detokenize

    def to_training(self, inputs: TFTensor, *targets: TFTensor) -> tuple[TFTensor, ...]:
        """Returns a batch whose targets are the next words, then the end token."""
        import tensorflow as tf

        is_word = inputs != PAD_ID
        # The words shifted by one; the end token follows the last.
        after = tf.pad(inputs[:, 1:], [[0, 0], [0, 1]])
        after = tf.where(is_word & (after == PAD_ID), END_ID, after)
        weights = tf.cast(is_word, tf.float32)
        for factor in targets[1:]:
            weights *= tf.cast(factor, tf.float32)[:, None]
        return inputs, after, weights

    def spell(self, token_ids: Sequence[int]) -> str:
        """Returns the text of a few ids."""
        return self._spell([list(token_ids)]).numpy()[0].decode()

    @cached_property
    def _spell(self) -> Any:
        """`detokenize`, compiled: a stream calls it for each word."""
        import tensorflow as tf

        spec = tf.TensorSpec([None, None], tf.int32)
        compiled = tf.function(
            self.detokenize, input_signature=[spec], autograph=False
        ).get_concrete_function()
        return lambda token_ids: compiled(tf.constant(token_ids, tf.int32))

    @classmethod
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        return cls(Vocabulary.load(folder / VOCABULARY_FILE), **settings)
