"""The preprocessor of `SentimentClassifier`: texts to ids of words."""

from pathlib import Path
from typing import Any, Self

from rnnzoo.text import Tokenizer, Vocabulary
from zoo_models.core.preprocessor import Preprocessor, pad_for_backend
from zoo_models.core.raw_data import check_text

VOCABULARY_FILE = "vocabulary.txt"


class SentimentPreprocessor(Preprocessor):
    """Makes the ids of the words of texts.

    Args:
        tokenizer: An `rnnzoo.text.Tokenizer`.

    Call arguments:
        batch: Texts, `(batch,)`.

    Returns:
        Int32 tensor of shape `(batch, time)`: see `rnnzoo.text.Tokenizer`.

    Raises:
        TypeError: If `tokenizer` is none.
    """

    def __init__(self, tokenizer: Tokenizer):
        if not isinstance(tokenizer, Tokenizer):
            raise TypeError(
                "The preprocessor must be an rnnzoo.text.Tokenizer. "
                f"Received: {type(tokenizer).__name__}"
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
    def max_length(self) -> int:
        """Tokens of a text at most."""
        return self.tokenizer.max_length

    def check(self, raw: Any, name: str) -> bytes:
        return check_text(raw, name)

    def __call__(self, batch: Any) -> Any:
        return pad_for_backend(self.tokenizer(batch), 64)

    def check_sizes(self, vocabulary_size: int) -> None:
        """Raises `ValueError` unless the vocabulary is of this size."""
        if len(self.vocabulary) != vocabulary_size:
            raise ValueError(
                "`vocabulary_size` must be the size of the preprocessor's vocabulary, "
                f"{len(self.vocabulary)}. Received: {vocabulary_size}"
            )

    @classmethod
    def load(cls, folder: Path, settings: Any, arguments: dict[str, Any]) -> Self:
        words = Vocabulary.load(folder / VOCABULARY_FILE)
        return cls(Tokenizer(words, **settings))

    def save(self, folder: Path) -> dict[str, Any]:
        self.vocabulary.save(folder / VOCABULARY_FILE)
        return {"max_length": self.max_length}

    def resources(self) -> list[Any]:
        return [self.vocabulary.table]
