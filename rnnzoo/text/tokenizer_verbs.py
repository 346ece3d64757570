"""The verbs that all tokenizers have."""

import abc
from typing import Any

from rnnzoo.text.vocabulary import Vocabulary


class TokenizerVerbs(abc.ABC):
    """`tokenize` and `detokenize`, as KerasHub's tokenizers have them.

    Attributes:
        vocabulary: The tokens and their ids.
    """

    vocabulary: Vocabulary

    @abc.abstractmethod
    def __call__(self, texts: Any) -> Any: ...

    @abc.abstractmethod
    def detokenize(self, token_ids: Any) -> Any:
        """The texts, `(batch,)`, that ids stand for."""

    @abc.abstractmethod
    def describe(self) -> dict[str, Any]:
        """What a program without TensorFlow needs to do the same, for JSON, but for the
        vocabulary: see `rnnzoo.onnx.Runner`."""

    def tokenize(self, texts: Any) -> Any:
        """The ids of texts: what the call gives.

        Args:
            texts: A text, or a string tensor or list of shape `(batch,)`, UTF-8.

        Returns:
            What the call gives for them; for a single text its row, without an axis
            for the batch. `vocabulary.names` gives the tokens of a row of ids.
        """
        import tensorflow as tf

        texts = tf.convert_to_tensor(texts, tf.string)
        return self(texts[None])[0] if texts.shape.rank == 0 else self(texts)
