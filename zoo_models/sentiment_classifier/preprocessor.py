"""The preprocessor of `SentimentClassifier`: texts to ids of words."""

from pathlib import Path
from typing import Any, Self

from rnnzoo.text import Tokenizer, Vocabulary
from zoo_models.core.preprocessor import Preprocessor
from zoo_models.core.types import Json

VOCABULARY_FILE = "vocabulary.txt"


class SentimentClassifierPreprocessor(Preprocessor):
    """Turns texts into ids of words.

    Args:
        tokenizer: An `rnnzoo.text.Tokenizer`.

    Call arguments:
        batch: Texts, `(batch,)`.

    Returns:
        Int32 tensor of shape `(batch, time)`: see `rnnzoo.text.Tokenizer`.

    Raises:
        TypeError: If `tokenizer` is of another type.
    """

    length_multiple = 64
    tokenizer: Tokenizer

    def __init__(self, tokenizer: Tokenizer):
        if not isinstance(tokenizer, Tokenizer):
            raise TypeError(
                "The preprocessor must be an rnnzoo.text.Tokenizer. "
                f"Received: {type(tokenizer).__name__}"
            )
        self.tokenizer = tokenizer

    @classmethod
    def adopt(cls, preprocessor: Any) -> Self:
        return preprocessor if isinstance(preprocessor, cls) else cls(preprocessor)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words and their ids."""
        return self.tokenizer.vocabulary

    @property
    def max_length(self) -> int:
        """The largest number of tokens of a text."""
        return self.tokenizer.max_length

    def check_sizes(self, vocabulary_size: int) -> None:
        """Raises `ValueError` unless the vocabulary is of this size."""
        if len(self.vocabulary) != vocabulary_size:
            raise ValueError(
                "`vocabulary_size` must be the size of the preprocessor's vocabulary, "
                f"{len(self.vocabulary)}. Received: {vocabulary_size}"
            )

    @classmethod
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        words = Vocabulary.load(folder / VOCABULARY_FILE)
        return cls(Tokenizer(words, **settings))

    def save(self, folder: Path) -> Json:
        self.vocabulary.save(folder / VOCABULARY_FILE)
        return {"max_length": self.max_length}

    def resources(self) -> list[Any]:
        return [self.vocabulary.table]
