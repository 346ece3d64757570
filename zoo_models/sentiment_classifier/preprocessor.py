"""The preprocessor of `SentimentClassifier`: texts to ids of words and of pairs."""

from pathlib import Path
from typing import Any, Self

import keras

from rnnzoo.text import Tokenizer, Vocabulary
from zoo_models.core.preprocessor import Preprocessor
from zoo_models.core.raw_data import check_text

VOCABULARY_FILE = "vocabulary.txt"
BIGRAMS_FILE = "vocabulary_bigrams.txt"


class SentimentPreprocessor(Preprocessor):
    """Makes the ids of words and of pairs of words of texts.

    Args:
        tokenizer: An `rnnzoo.text.Tokenizer` with bigrams.

    Call arguments:
        batch: Texts, `(batch,)`.

    Returns:
        Int32 tensor of shape `(batch, time, 2)`: see `rnnzoo.text.Tokenizer`.

    Raises:
        ValueError: If the tokenizer has no bigrams.
    """

    def __init__(self, tokenizer: Tokenizer):
        if not isinstance(tokenizer, Tokenizer):
            raise TypeError(
                "The preprocessor must be an rnnzoo.text.Tokenizer with bigrams. "
                f"Received: {type(tokenizer).__name__}"
            )
        if tokenizer.bigrams is None:
            raise ValueError(
                "The preprocessor must be a Tokenizer with bigrams. Received: one "
                "without"
            )
        self.tokenizer = tokenizer

    @classmethod
    def adopt(cls, preprocessor: Any) -> Any:
        is_whole = isinstance(preprocessor, Preprocessor)
        return preprocessor if is_whole else cls(preprocessor)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words and their ids."""
        return self.tokenizer.vocabulary

    @property
    def bigrams(self) -> Vocabulary:
        """The pairs of words and their ids."""
        assert self.tokenizer.bigrams is not None
        return self.tokenizer.bigrams

    @property
    def max_length(self) -> int:
        """Tokens of a text at most."""
        return self.tokenizer.max_length

    def check(self, raw: Any, name: str) -> bytes:
        return check_text(raw, name)

    def __call__(self, batch: Any) -> Any:
        token_ids = self.tokenizer(batch)
        if keras.backend.backend() == "jax":
            import tensorflow as tf

            # JAX compiles for each length: few lengths, few compilations.
            padding = -tf.shape(token_ids)[1] % 64
            token_ids = tf.pad(token_ids, [[0, 0], [0, padding], [0, 0]])
        return token_ids

    def check_sizes(self, vocabulary_size: int, bigram_vocabulary_size: int) -> None:
        """Raises `ValueError` unless the vocabularies are of these sizes."""
        sizes = len(self.vocabulary), len(self.bigrams)
        if sizes != (vocabulary_size, bigram_vocabulary_size):
            raise ValueError(
                "`vocabulary_size` and `bigram_vocabulary_size` must be the sizes of "
                f"the preprocessor's vocabularies, {sizes}. Received: "
                f"{(vocabulary_size, bigram_vocabulary_size)}"
            )

    @classmethod
    def load(cls, folder: Path, settings: Any, arguments: dict[str, Any]) -> Self:
        words = Vocabulary.load(folder / VOCABULARY_FILE)
        pairs = Vocabulary.load(folder / BIGRAMS_FILE)
        return cls(Tokenizer(words, bigrams=pairs, **settings))

    def save(self, folder: Path) -> dict[str, Any]:
        self.vocabulary.save(folder / VOCABULARY_FILE)
        self.bigrams.save(folder / BIGRAMS_FILE)
        return {"max_length": self.max_length}

    def resources(self) -> list[Any]:
        return [self.vocabulary.table, self.bigrams.table]
