"""Many to one: a text in, its label out."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.layers import StatePooling, WordDropout
from rnnzoo.layers.initializers import Orthogonal, RandomNormal
from rnnzoo.text import PAD_ID, Tokenizer
from zoo_models.core.classifier import Classifier, check_label_names
from zoo_models.core.confidence import (
    NOTHING_KNOWN,
    UNKNOWN_WORDS,
    Confidence,
    Signal,
    state_distance,
)
from zoo_models.sentiment_classifier.preprocessor import SentimentClassifierPreprocessor

FARTHEST = 20  # units whose deviation counts; most deviate little in any text


SIGNALS = (
    NOTHING_KNOWN,
    UNKNOWN_WORDS,
    Signal(
        "states",
        partial(state_distance, farthest=FARTHEST, is_of_words=True),
        "it is unlike the texts it learnt",
        0.05,
        "high",
    ),
)


@keras.saving.register_keras_serializable(package="rnnzoo")
class SentimentClassifier(Classifier):
    """Labels a text with Elman cells that read it in both directions.

    One Elman layer reads the embedded words forwards, one backwards. The maximum and
    the mean of their states over time feed a softmax layer. Every path from a word to
    the label passes an Elman state, so that only a state can represent "not good".

    Args:
        vocabulary_size: Number of ids, special tokens included.
        labels: Names of the classes, in the order of their numbers. Default
            `("negative", "positive")`.
        embedding_dim: Size of an embedding. Default 128.
        units: Number of units in each direction. Default 256.
        word_dropout: Fraction of the words that are dropped from a text in training:
            see `rnnzoo.layers.WordDropout`. Default 0.1.
        embedding_dropout: Dropout rate of the embeddings' elements. Default 0.2.
        dropout: Dropout rate of the pooled states. Default 0.5.
        temperature: Divisor of the logits. It is fitted on validation texts, so that
            90 % of the answers with a score of 0.9 are right. Positive. Default 1.
        preprocessor: An `rnnzoo.text.Tokenizer`, or `None` to feed its output: an
            int32 array of shape `(batch, time)` with 0 as right padding. Default
            `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's vocabulary
            has another size.

    Example:

    ```python
    from rnnzoo import SentimentClassifier
    from rnnzoo.text import Tokenizer, Vocabulary

    tokenizer = Tokenizer(
        Vocabulary(["bad", "film", "good", "not"])
    )
    classifier = SentimentClassifier(8, units=4, preprocessor=tokenizer)
    classifier.fit(["good film", "bad film"] * 8, [1, 0] * 8, epochs=1, verbose=0)
    assert classifier.classify("A good film.")["label"] in ("negative", "positive")
    ```

    References:
        - Maas et al., "Learning Word Vectors for Sentiment Analysis", 2011: the
          IMDB reviews.
        - Dai and Le, "Semi-supervised Sequence Learning", 2015: a classifier that
          starts as a language model.
        - Howard and Ruder, "Universal Language Model Fine-tuning for Text
          Classification", 2018: the pooled states.
        - Guo et al., "On Calibration of Modern Neural Networks", 2017: the
          temperature.
    """

    task = "sentiment of a text (many to one)"
    preprocessor_class = SentimentClassifierPreprocessor

    def __init__(
        self,
        vocabulary_size: int,
        labels: Sequence[str] = ("negative", "positive"),
        embedding_dim: int = 128,
        units: int = 256,
        word_dropout: float = 0.1,
        embedding_dropout: float = 0.2,
        dropout: float = 0.5,
        temperature: float = 1.0,
        preprocessor: SentimentClassifierPreprocessor | Tokenizer | None = None,
        **kwargs: Any,
    ):
        labels = check_label_names(labels)
        preprocessor = self.preprocessor_class.adopt(
            preprocessor, vocabulary_size=vocabulary_size
        )
        if not temperature > 0:
            raise ValueError(
                f"`temperature` must be over 0. Received: temperature={temperature}"
            )

        # === Layers ===
        drop_words = WordDropout(word_dropout, vocabulary_size, name="word_dropout")
        embed = keras.layers.Embedding(
            vocabulary_size,
            embedding_dim,
            embeddings_initializer=RandomNormal(stddev=0.15),
            name="embedding",
        )
        drop_elements = keras.layers.Dropout(
            embedding_dropout, name="embedding_dropout"
        )
        elman = self.recurrent_layer(
            units,
            # Short phrases are learnt sooner than long memory.
            recurrent_initializer=Orthogonal(gain=0.5),
            return_sequences=True,
        )
        read = keras.layers.Bidirectional(elman, name="states")
        pool = StatePooling(name="features")
        head = keras.Sequential(
            [keras.layers.Dropout(dropout), keras.layers.Dense(len(labels))],
            name="head",
        )
        # Probabilities stay in float32 under mixed precision.
        softmax = keras.layers.Softmax(dtype="float32", name="softmax")

        # === Graph ===
        token_ids = keras.Input((None,), dtype="int32", name="token_ids")
        mask = ops.not_equal(token_ids, PAD_ID)
        vectors = drop_elements(embed(drop_words(token_ids)))
        states = read(vectors, mask=mask)  # (batch, time, 2 * units)
        scores = ops.cast(head(pool(states, mask=mask)), "float32")
        probabilities = softmax(scores / temperature)
        confidence = Confidence(SIGNALS)
        super().__init__(
            token_ids, states, probabilities, labels, confidence, preprocessor, **kwargs
        )

        self.keep_config(
            vocabulary_size=vocabulary_size,
            labels=labels,
            embedding_dim=embedding_dim,
            units=units,
            word_dropout=word_dropout,
            embedding_dropout=embedding_dropout,
            dropout=dropout,
            temperature=temperature,
        )

    def cells(self) -> list[keras.layers.Layer]:
        """Returns the cells of both directions, forwards first."""
        wrapper = self.get_layer("states")
        return [wrapper.forward_layer.cell, wrapper.backward_layer.cell]

    def summarize(self, states: np.ndarray) -> np.ndarray:
        return np.concatenate([states.max(axis=0), states.mean(axis=0)])
