"""The base class of tokenizers."""

import abc
from typing import Any

from rnnzoo.core.types import TFTensor
from rnnzoo.text.vocabulary import Vocabulary


class BaseTokenizer(abc.ABC):
    """The base class of tokenizers, with the methods of KerasHub's.

    Attributes:
        vocabulary: The tokens and their ids.
    """

    vocabulary: Vocabulary

    @abc.abstractmethod
    def __call__(self, texts: TFTensor) -> TFTensor: ...

    @abc.abstractmethod
    def detokenize(self, token_ids: Any) -> Any:
        """Returns the texts, `(batch,)`, of ids."""

    @abc.abstractmethod
    def describe(self) -> dict[str, Any]:
        """Returns the settings for JSON, without the vocabulary, for programs without
        TensorFlow: see `rnnzoo.onnx.Runner`."""

    def tokenize(self, texts: TFTensor) -> TFTensor:
        """Returns the ids of texts, as the call does.

        Args:
            texts: A text, or a string tensor or list of shape `(batch,)`, UTF-8.

        Returns:
            The ids, `(batch, time)`, or `(time,)` for a single text.
            `vocabulary.names` returns their tokens.
        """
        import tensorflow as tf

        texts = tf.convert_to_tensor(texts, tf.string)
        return self(texts[None])[0] if texts.shape.rank == 0 else self(texts)
