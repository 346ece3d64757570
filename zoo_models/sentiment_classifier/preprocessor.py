"""The preprocessor of `SentimentClassifier`: texts to ids of words."""

from pathlib import Path
from typing import Self

from rnnzoo.text import Tokenizer, Vocabulary
from zoo_models.core.preprocessor import VOCABULARY_FILE, Preprocessor
from zoo_models.core.types import Json


class SentimentClassifierPreprocessor(Preprocessor):
    """Turns texts into ids of words.

    Args:
        tokenizer: An `rnnzoo.text.Tokenizer`.

    Call arguments:
        batch: Texts, `(batch,)`.

    Returns:
        Int32 tensor of shape `(batch, time)`: see `rnnzoo.text.Tokenizer`.
    """

    part = Tokenizer
    length_multiple = 64
    tokenizer: Tokenizer

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.vocabulary = tokenizer.vocabulary
        self.max_length = tokenizer.max_length

    @classmethod
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        words = Vocabulary.load(folder / VOCABULARY_FILE)
        return cls(Tokenizer(words, **settings))
