"""Many to one: a text in, its label out."""

from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import keras

from rnnzoo.text import PAD_ID
from zoo_models.core.classifier import Classifier, check_label_names
from zoo_models.core.confidence import (
    Confidence,
    Signal,
    no_known_word,
    state_distance,
    unknown_share,
)
from zoo_models.core.inference import Verbose
from zoo_models.core.raw_data import check_tokens
from zoo_models.core.types import Json, Raw, RawInputs, Tensor
from zoo_models.sentiment_classifier.network import build_network
from zoo_models.sentiment_classifier.preprocessor import SentimentClassifierPreprocessor

FARTHEST = 20  # units whose deviation counts; most deviate little in any text


SIGNALS = (
    Signal("nothing", no_known_word, "it knows none of the words", 0.5, high=True),
    Signal(
        "unknown", unknown_share, "it does not know many of the words", 0.05, high=True
    ),
    Signal(
        "states",
        partial(state_distance, farthest=FARTHEST, is_of_words=True),
        "it is unlike the texts it learnt",
        0.05,
        high=True,
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
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        labels = check_label_names(labels)
        if preprocessor is not None:
            preprocessor = SentimentClassifierPreprocessor.adopt(preprocessor)
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
        means = itemgetter((slice(None), slice(2 * units, None)))
        confidence = Confidence(SIGNALS)
        super().__init__(
            token_ids, probabilities, labels, confidence, means, preprocessor, **kwargs
        )

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.embedding_dim = embedding_dim
        self.units = units
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.temperature = temperature

    def get_config(self) -> Json:
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

    def cells(self) -> list[keras.layers.Layer]:
        """Returns the cells of both directions, forwards first."""
        wrapper = self.get_layer("states")
        return [wrapper.forward_layer.cell, wrapper.backward_layer.cell]

    def encode(
        self,
        inputs: RawInputs,
        return_states: bool = False,
        batch_size: int = 64,
        verbose: Verbose = "auto",
        return_tokens: bool = False,
    ) -> Any:
        """Returns the states of the network as features of the texts.

        Args:
            inputs: One text, a list or array of them, or a `tf.data.Dataset` of raw
                examples; arrays of ids without a preprocessor.
            return_states: Whether to return the states of every step instead of
                their maximum and mean. Default `False`.
            batch_size: Number of texts in a batch. Default 64.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1
                always, 0 never.
            return_tokens: Whether to return the states of every step with their
                tokens. Needs a preprocessor. Default `False`.

        Returns:
            An array for each text, of shape `(4 * units,)`. With `return_states` its
            shape is `(time, 2 * units)`, forwards first, with a step for each token and
            one for the end. With `return_tokens` it is a dictionary of these `states`
            and of their `tokens`. A list of them unless `inputs` is a single text.

        Raises:
            TypeError: If an input is of a type that cannot be read.
            ValueError: If there are no tokens to name.
        """
        if return_tokens:
            check_tokens(self)
        is_by_step = return_states or return_tokens

        def encode_batch(batch: list[Raw]) -> list[Any]:
            token_ids = self.inference.preprocess(batch)
            if not is_by_step:
                return list(self.inference.run(self.features, token_ids))
            rows = zip(
                self.inference.run(self.states, token_ids), token_ids, strict=True
            )
            kept = [(states[ids != PAD_ID], ids[ids != PAD_ID]) for states, ids in rows]
            if not return_tokens:
                return [states for states, _ in kept]
            names = self.preprocessor.vocabulary.names
            return [{"states": states, "tokens": names(ids)} for states, ids in kept]

        rows, is_single = self.inference.answer(
            encode_batch, inputs, batch_size, verbose
        )
        return rows[0] if is_single else rows

    def states(self, inputs: Tensor) -> Tensor:
        """Returns the states of every step, `(batch, time, 2 * units)`, in
        `keras.ops`."""
        network = keras.Model(self.inputs, self.get_layer("states").output)
        return network(inputs, training=False)
