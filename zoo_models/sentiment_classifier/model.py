"""Many to one: a text in, its label out."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from rnnzoo.text import PAD_ID
from zoo_models.core.classifier import Classifier, check_label_names
from zoo_models.core.inference import compute
from zoo_models.sentiment_classifier.network import build_network
from zoo_models.sentiment_classifier.preprocessor import SentimentPreprocessor


@keras.saving.register_keras_serializable(package="rnnzoo")
class SentimentClassifier(Classifier):
    """Reads a text with Elman cells in both directions and labels it.

    Each word is embedded, and so is the pair that it forms with the word before it if
    the pair is a telling one ("not good"); their sum is the input of a step. One
    Elman layer reads the steps forwards, one backwards; the maximum and the mean of
    their states over time feed a softmax layer. Every path from a word to the label
    passes an Elman state.

    Args:
        vocabulary_size: Number of ids of words, special tokens included.
        bigram_vocabulary_size: Number of ids of pairs, special tokens included.
        labels: Names of the classes, in the order of their numbers. Default
            `("negative", "positive")`.
        embedding_dim: Size of an embedding. Default 64.
        units: Number of units in each direction. Default 64.
        word_dropout: Fraction of the words and pairs that each text forgets in
            training: see `rnnzoo.layers.WordDropout`. Default 0.3.
        embedding_dropout: Dropout rate of the embeddings' elements. Default 0.3.
        dropout: Dropout rate of the pooled states. Default 0.5.
        preprocessor: An `rnnzoo.text.Tokenizer` with bigrams, or `None` to feed its
            output: an int32 array of shape `(batch, time, 2)` with 0 as right
            padding. Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's
            vocabularies are of other sizes.

    Example:

    ```python
    from rnnzoo import SentimentClassifier
    from rnnzoo.text import Tokenizer, Vocabulary

    tokenizer = Tokenizer(
        Vocabulary(["bad", "film", "good", "not"]), bigrams=Vocabulary(["not good"])
    )
    classifier = SentimentClassifier(8, 5, units=4, preprocessor=tokenizer)
    classifier.fit(["good film", "bad film"] * 8, [1, 0] * 8, epochs=1, verbose=0)
    assert set(classifier.classify("A good film.")) == {"label", "score"}
    ```

    References:
        - Maas et al., "Learning Word Vectors for Sentiment Analysis", 2011: the
          IMDB reviews.
        - Wang and Manning, "Baselines and Bigrams", 2012: pairs of words tell
          sentiment.
        - Howard and Ruder, "Universal Language Model Fine-tuning for Text
          Classification", 2018: the pooled states.
    """

    preprocessor_class = SentimentPreprocessor

    def __init__(
        self,
        vocabulary_size: int,
        bigram_vocabulary_size: int,
        labels: Sequence[str] = ("negative", "positive"),
        embedding_dim: int = 64,
        units: int = 64,
        word_dropout: float = 0.3,
        embedding_dropout: float = 0.3,
        dropout: float = 0.5,
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        labels = check_label_names(labels)
        if preprocessor is not None:
            preprocessor = SentimentPreprocessor.adopt(preprocessor)
            preprocessor.check_sizes(vocabulary_size, bigram_vocabulary_size)

        token_ids, probabilities = build_network(
            vocabulary_size,
            bigram_vocabulary_size,
            len(labels),
            embedding_dim,
            units,
            word_dropout,
            embedding_dropout,
            dropout,
            self.recurrent_layer,
        )
        super().__init__(token_ids, probabilities, labels, preprocessor, **kwargs)

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.bigram_vocabulary_size = bigram_vocabulary_size
        self.embedding_dim = embedding_dim
        self.units = units
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "vocabulary_size": self.vocabulary_size,
            "bigram_vocabulary_size": self.bigram_vocabulary_size,
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
        rows, is_single = compute(self, inputs, output, batch_size, verbose)
        if return_states:
            token_ids, _ = compute(self, inputs, "token_ids", batch_size, verbose=0)
            rows = [
                row[: np.count_nonzero(ids[:, 0] != PAD_ID)]
                for row, ids in zip(rows, token_ids, strict=True)
            ]
        return rows[0] if is_single else rows
