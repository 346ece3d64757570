"""The base of all tokenizers."""

import abc
from typing import Any

from rnnzoo.text.vocabulary import Vocabulary


class BaseTokenizer(abc.ABC):
    """Turns texts into ids and back.

    Attributes:
        vocabulary: The tokens and their ids.
    """

    vocabulary: Vocabulary

    @abc.abstractmethod
    def __call__(self, texts: Any) -> Any: ...

    @abc.abstractmethod
    def detokenize(self, token_ids: Any) -> Any:
        """Returns the texts, `(batch,)`, of ids."""

    @abc.abstractmethod
    def describe(self) -> dict[str, Any]:
        """Returns the settings for `rnnzoo.onnx.Runner`, for JSON."""

    def tokenize(self, texts: Any) -> Any:
        """Returns the ids of texts.

        Args:
            texts: A text, or a string tensor or list of shape `(batch,)`, UTF-8.

        Returns:
            The ids as the call returns them, or one row for a single text.
            `vocabulary.names` returns the tokens of a row.
        """
        import tensorflow as tf

        texts = tf.convert_to_tensor(texts, tf.string)
        return self(texts[None])[0] if texts.shape.rank == 0 else self(texts)
