"""Many to one: a text in, its label out."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnzoo.text import END_ID, PAD_ID, UNKNOWN_ID
from zoo_models.core.classifier import Classifier, check_label_names
from zoo_models.core.confidence import Signal, stack_signals, weight_of
from zoo_models.core.inference import check_names, compute
from zoo_models.sentiment_classifier.network import build_network
from zoo_models.sentiment_classifier.preprocessor import SentimentPreprocessor

SIGNALS = (
    Signal("nothing", "it knows none of the words", 0.5, high=True),
    Signal("unknown", "it does not know many of the words", 0.05, high=True),
    Signal("states", "it is unlike the texts it learnt", 0.05, high=True),
)
FARTHEST = 20  # units whose deviation is told; most do the same in any text


@keras.saving.register_keras_serializable(package="rnnzoo")
class SentimentClassifier(Classifier):
    """Reads a text with Elman cells in both directions and labels it.

    It is shown words alone: that "not" came before "good" only its state can know. One
    Elman layer reads the embedded words forwards, one backwards; the maximum and the
    mean of their states over time feed a softmax layer. Every path from a word to the
    label passes an Elman state.

    Args:
        vocabulary_size: Number of ids, special tokens included.
        labels: Names of the classes, in the order of their numbers. Default
            `("negative", "positive")`.
        embedding_dim: Size of an embedding. Default 128.
        units: Number of units in each direction. Default 256.
        word_dropout: Fraction of the words that each text forgets in training: see
            `rnnzoo.layers.WordDropout`. Default 0.1.
        embedding_dropout: Dropout rate of the embeddings' elements. Default 0.2.
        dropout: Dropout rate of the pooled states. Default 0.5.
        temperature: What the scores of the labels are divided by before they become
            probabilities; set on validation texts, so that a score of 0.9 is right
            nine times in ten. Positive. Default 1.
        preprocessor: An `rnnzoo.text.Tokenizer`, or `None` to feed its output: an
            int32 array of shape `(batch, time)` with 0 as right padding. Default
            `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's
            vocabularies are of other sizes.

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

    preprocessor_class = SentimentPreprocessor

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
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        labels = check_label_names(labels)
        if preprocessor is not None:
            preprocessor = SentimentPreprocessor.adopt(preprocessor)
            preprocessor.check_sizes(vocabulary_size)
        if not temperature > 0:
            raise ValueError(
                f"`temperature` must be over 0. Received: temperature={temperature}"
            )

        token_ids, probabilities = build_network(
            vocabulary_size,
            len(labels),
            embedding_dim,
            units,
            word_dropout,
            embedding_dropout,
            dropout,
            temperature,
            self.recurrent_layer,
        )
        super().__init__(token_ids, probabilities, labels, preprocessor, **kwargs)

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.embedding_dim = embedding_dim
        self.units = units
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.temperature = temperature

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "vocabulary_size": self.vocabulary_size,
            "labels": list(self.labels),
            "embedding_dim": self.embedding_dim,
            "units": self.units,
            "word_dropout": self.word_dropout,
            "embedding_dropout": self.embedding_dropout,
            "dropout": self.dropout,
            "temperature": self.temperature,
        }

    def cells(self) -> list[Any]:
        """The cells of both directions, forwards first."""
        wrapper = self.get_layer("states")
        return [wrapper.forward_layer.cell, wrapper.backward_layer.cell]

    @property
    def signals(self) -> tuple[Signal, ...]:
        return SIGNALS

    def pool(self, features: Any) -> Any:
        return features[:, 2 * self.units :]  # the means

    def signal_values(self, inputs: Any, features: Any, probabilities: Any) -> Any:
        def count(is_it: Any) -> Any:
            return ops.sum(ops.cast(is_it, "float32"), axis=1)

        number = count((inputs != PAD_ID) & (inputs != END_ID))
        unknown = count(inputs == UNKNOWN_ID)
        several = ops.maximum(number, 1.0)
        return stack_signals(
            [
                (unknown >= number, 1.0),
                (unknown / several, weight_of(number)),
                (self.distance(self.pool(features), FARTHEST), weight_of(number)),
            ]
        )

    def encode(
        self,
        inputs: Any,
        return_states: bool = False,
        batch_size: int = 64,
        verbose: Any = "auto",
        return_tokens: bool = False,
    ) -> Any:
        """The states of the network, as features of the texts.

        Args:
            inputs: As in `classify`.
            return_states: Whether to give the states of every step instead of
                their maximum and mean. Default `False`.
            batch_size: Number of texts at once. Default 64.
            verbose: Progress bar, as in `classify`.
            return_tokens: Whether to give the states of every step and what each is
                the state of. Needs a preprocessor. Default `False`.

        Returns:
            An array for each text, of shape `(4 * units,)`; with `return_states`
            of shape `(time, 2 * units)`, forwards first, with a step for each token
            and one for the end; with `return_tokens` a dictionary of these `states`
            and of their `tokens`, a name for each step. A list of them unless a single
            text came.
        """
        if return_tokens:
            check_names(self)
        output = "states" if return_states or return_tokens else "features"
        rows, is_single = compute(self, inputs, output, batch_size, verbose)
        if output == "states":
            token_ids, _ = compute(self, inputs, "token_ids", batch_size, verbose=0)
            words = [ids[ids != PAD_ID] for ids in token_ids]
            rows = [row[: len(ids)] for row, ids in zip(rows, words, strict=True)]
        if return_tokens:
            names = self.preprocessor.vocabulary.names
            rows = [
                {"states": row, "tokens": names(ids)}
                for row, ids in zip(rows, words, strict=True)
            ]
        return rows[0] if is_single else rows
