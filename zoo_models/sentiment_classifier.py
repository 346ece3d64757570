"""Many to one: a text in, its label out."""

from typing import Any

import keras
import numpy as np

from rnnzoo.layers import Elman, StatePooling, WordDropout
from rnnzoo.text import PAD_ID, Tokenizer, Vocabulary
from zoo_models.classifier import Classifier, check_label_names

VOCABULARY_FILE = "vocabulary.txt"


@keras.saving.register_keras_serializable(package="rnnzoo")
class SentimentClassifier(Classifier):
    """Reads a text with Elman cells in both directions and labels it.

    Words are embedded; one Elman layer reads them forwards, one backwards; the
    maximum and the mean of their states over time feed a softmax layer. Every path
    from a word to the label passes an Elman state.

    Args:
        vocabulary_size: Number of token ids, special tokens included.
        labels: Names of the classes, in the order of their numbers. Default
            `("negative", "positive")`.
        embedding_dim: Size of a word's embedding. Default 128.
        units: Number of units in each direction. Default 128.
        word_dropout: Fraction of the vocabulary that each text forgets in training:
            see `rnnzoo.layers.WordDropout`. Default 0.3.
        embedding_dropout: Dropout rate of the embeddings' elements. Default 0.3.
        dropout: Dropout rate of the pooled states. Default 0.5.
        preprocessor: An `rnnzoo.text.Tokenizer`, or `None` to feed token ids, an
            int32 array of shape `(batch, time)` with 0 as right padding. Default
            `None`.
        **kwargs: `name` and other arguments of `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's
            vocabulary has not `vocabulary_size` tokens.

    Example:

    ```python
    from rnnzoo import SentimentClassifier
    from rnnzoo.text import Tokenizer, Vocabulary

    vocabulary = Vocabulary(["bad", "film", "good"])
    classifier = SentimentClassifier(
        len(vocabulary), embedding_dim=8, units=4, preprocessor=Tokenizer(vocabulary)
    )
    classifier.fit(["good film", "bad film"] * 8, [1, 0] * 8, epochs=1, verbose=0)
    assert set(classifier.classify("A good film.")) == {"label", "score"}
    ```

    References:
        - Maas et al., "Learning Word Vectors for Sentiment Analysis", 2011: the
          IMDB reviews.
        - Howard and Ruder, "Universal Language Model Fine-tuning for Text
          Classification", 2018: the pooled states.
    """

    task = "sentiment of a text (many to one)"

    def __init__(
        self,
        vocabulary_size,
        labels=("negative", "positive"),
        embedding_dim=128,
        units=128,
        word_dropout=0.3,
        embedding_dropout=0.3,
        dropout=0.5,
        preprocessor=None,
        **kwargs,
    ):
        labels = check_label_names(labels)
        _check_preprocessor(preprocessor, vocabulary_size)

        # === Layers ===
        embedding = keras.layers.Embedding(
            vocabulary_size,
            embedding_dim,
            embeddings_initializer=keras.initializers.RandomUniform(-0.1, 0.1),
            name="embedding",
        )
        drop_words = WordDropout(word_dropout, vocabulary_size, name="word_dropout")
        drop_elements = keras.layers.Dropout(
            embedding_dropout, name="embedding_dropout"
        )
        elman = keras.layers.Bidirectional(
            Elman(
                units,
                recurrent_initializer=keras.initializers.Orthogonal(gain=0.95),
                return_sequences=True,
            ),
            name="states",
        )
        pooling = StatePooling(name="features")
        head = keras.Sequential(
            [
                keras.layers.Dropout(dropout),
                # Probabilities stay in float32 under mixed precision.
                keras.layers.Dense(len(labels), activation="softmax", dtype="float32"),
            ],
            name="head",
        )

        # === Graph ===
        token_ids = keras.Input((None,), dtype="int32", name="token_ids")
        mask = keras.ops.not_equal(token_ids, PAD_ID)
        vectors = drop_elements(embedding(drop_words(token_ids)))
        states = elman(vectors, mask=mask)  # (batch, time, 2 * units)
        probabilities = head(pooling(states, mask=mask))
        super().__init__(token_ids, probabilities, labels, preprocessor, **kwargs)

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.embedding_dim = embedding_dim
        self.units = units
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout

    def get_config(self):
        return {
            "name": self.name,
            "vocabulary_size": self.vocabulary_size,
            "labels": list(self.labels),
            "embedding_dim": self.embedding_dim,
            "units": self.units,
            "word_dropout": self.word_dropout,
            "embedding_dropout": self.embedding_dropout,
            "dropout": self.dropout,
        }

    def encode(
        self,
        inputs: Any,
        return_states: bool = False,
        batch_size: int = 64,
        verbose: Any = "auto",
    ) -> Any:
        """The states of the network, as features of the texts.

        Args:
            inputs: As in `classify`.
            return_states: Whether to give the states of every step instead of
                their maximum and mean. Default `False`.
            batch_size: Number of texts at once. Default 64.
            verbose: Progress bar, as in `classify`.

        Returns:
            An array for each text, of shape `(4 * units,)`; with `return_states`
            of shape `(time, 2 * units)`, forwards first, with a step for each token
            and one for the end. A list of them unless a single text came.
        """
        output = "states" if return_states else "features"
        rows, is_single = self.run(inputs, output, batch_size, verbose)
        if return_states:
            token_ids, _ = self.run(inputs, "token_ids", batch_size, verbose=0)
            rows = [
                row[: np.count_nonzero(ids != PAD_ID)]
                for row, ids in zip(rows, token_ids, strict=True)
            ]
        return rows[0] if is_single else rows

    def check_input(self, raw, name):
        if isinstance(raw, str):
            return raw.encode("utf-8", errors="replace")
        if isinstance(raw, bytes):
            return raw
        raise TypeError(
            f"A text must be a str or bytes in UTF-8. Received: {name} is of type "
            f"{type(raw).__name__}"
        )

    def prepare(self, raw):
        import tensorflow as tf

        token_ids = self.preprocessor(raw)
        if keras.backend.backend() == "jax":
            # JAX compiles for each length: few lengths, few compilations.
            padding = -tf.shape(token_ids)[1] % 64
            token_ids = tf.pad(token_ids, [[0, 0], [0, padding]])
        return token_ids

    @classmethod
    def load_preprocessor(cls, folder, config):
        settings = config.get("preprocessor")
        if settings is None:
            return None
        return Tokenizer(Vocabulary.load(folder / VOCABULARY_FILE), **settings)

    def save_preprocessor(self, folder):
        if self.preprocessor is None:
            return None
        self.preprocessor.vocabulary.save(folder / VOCABULARY_FILE)
        return {"max_length": self.preprocessor.max_length}

    def endpoints(self):
        import tensorflow as tf

        text = tf.TensorSpec([None], tf.string, name="text")
        return {"serving_default": (self.answer, [text])}

    def resources(self):
        return [self.preprocessor.vocabulary.table]


def _check_preprocessor(preprocessor, vocabulary_size):
    if preprocessor is None:
        return
    size = len(preprocessor.vocabulary)
    if size != vocabulary_size:
        raise ValueError(
            "`vocabulary_size` must be the size of the preprocessor's vocabulary, "
            f"{size}. Received: vocabulary_size={vocabulary_size}"
        )
