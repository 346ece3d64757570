"""The preprocessor of `LanguageModel`: texts to ids of words, and back."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from rnnzoo.core.checks import check_positive
from rnnzoo.text import END_ID, PAD_ID, Tokenizer, Vocabulary
from zoo_models.core.preprocessor import (
    GenerationPreprocessor,
    Preprocessor,
    pad_for_backend,
)
from zoo_models.core.raw_data import check_text

VOCABULARY_FILE = "vocabulary.txt"
MAX_READ = 4096  # words of a text that are read at most, its last ones


class LanguageModelPreprocessor(GenerationPreprocessor):
    """Makes ids of the words of texts, after an end token, and texts of ids.

    The end token stands between texts, so it also opens one.

    Args:
        vocabulary: The words and their ids.
        max_length: Words of a continuation at most, the end included. At least 1.
            Default 100.

    Call arguments:
        batch: Texts, or beginnings of texts, `(batch,)`. Of each the last 4 095 words
            are read.

    Returns:
        Int32 tensor of shape `(batch, time)`, 0 as right padding; each row begins
        with the end token.

    Raises:
        TypeError: If `vocabulary` is none.
        ValueError: If `max_length` is under 1.
    """

    input_name = "prompt"
    example = ("text", "label")  # labels are passed over
    needs_targets = False
    learns_from_inputs = True

    def __init__(self, vocabulary: Vocabulary, max_length: int = 100):
        if not isinstance(vocabulary, Vocabulary):
            raise TypeError(
                "The preprocessor must be made of an rnnzoo.text.Vocabulary. "
                f"Received: {type(vocabulary).__name__}"
            )
        self.vocabulary = vocabulary
        self.max_length = check_positive("max_length", max_length)
        self.tokenizer = Tokenizer(vocabulary, MAX_READ)

    @classmethod
    def adopt(cls, preprocessor: Any) -> Any:
        is_whole = isinstance(preprocessor, Preprocessor)
        return preprocessor if is_whole else cls(preprocessor)

    def check(self, raw: Any, name: str) -> bytes:
        return check_text(raw, name)

    def __call__(self, batch: Any) -> Any:
        return pad_for_backend(self.tokenizer.open(batch), 16)

    def teach(self, inputs: Any, *targets: Any) -> Any:
        """Each word is to be told from those before it, the end from all."""
        import tensorflow as tf

        is_word = inputs != PAD_ID
        # The words one place on; behind the last one stands the end.
        after = tf.pad(inputs[:, 1:], [[0, 0], [0, 1]])
        after = tf.where(is_word & (after == PAD_ID), END_ID, after)
        weights = tf.cast(is_word, tf.float32)
        for factor in targets[1:]:
            weights *= tf.cast(factor, tf.float32)[:, None]
        return inputs, after, weights

    def source_names(self, token_ids: Any) -> list[str]:
        return self.vocabulary.names(token_ids)

    def tokenize(self, texts: Any) -> Any:
        """The ids of texts: see `rnnzoo.text.Tokenizer`."""
        return self.tokenizer.tokenize(texts)

    def detokenize(self, token_ids: Any) -> Any:
        return self.tokenizer.detokenize(token_ids)

    def spell(self, token_ids: Sequence[int]) -> str:
        """The text of a few ids."""
        return self._spell([list(token_ids)]).numpy()[0].decode()

    @cached_property
    def _spell(self) -> Any:
        """`detokenize` as a graph, which holds the words: a stream asks at each."""
        import tensorflow as tf

        spec = tf.TensorSpec([None, None], tf.int32)
        compiled = tf.function(
            self.detokenize, input_signature=[spec], autograph=False
        ).get_concrete_function()
        return lambda token_ids: compiled(tf.constant(token_ids, tf.int32))

    def check_sizes(self, vocabulary_size: int) -> None:
        """Raises `ValueError` unless the vocabulary is of this size."""
        if len(self.vocabulary) != vocabulary_size:
            raise ValueError(
                "`vocabulary_size` must be the size of the preprocessor's vocabulary, "
                f"{len(self.vocabulary)}. Received: {vocabulary_size}"
            )

    @classmethod
    def load(cls, folder: Path, settings: Any, arguments: dict[str, Any]) -> Self:
        return cls(Vocabulary.load(folder / VOCABULARY_FILE), **settings)

    def save(self, folder: Path) -> dict[str, Any]:
        self.vocabulary.save(folder / VOCABULARY_FILE)
        return {"max_length": self.max_length}

    def resources(self) -> list[Any]:
        return [self.vocabulary.table]
