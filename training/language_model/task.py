"""Training of language models with a sampled softmax."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from rnnzoo.text import PAD_ID
from zoo_models.language_model.model import LanguageModel

FRESH = 0.05  # share of the lanes that start a window from zeros


class NextWordTask(keras.Model):
    """Computes the negative log-probabilities of language models of both directions.

    In training the states after a batch of windows start the next batch, and each word
    is predicted among `num_sampled` others, drawn for each batch with probabilities
    proportional to the counts to the power 0.75. In validation each word is predicted
    among all, and states start at zero.

    Args:
        models: Language models by name; they may share their table of embeddings.
        counts: How often each id occurs, of the size of the vocabulary.
        num_sampled: Number of words drawn. Positive.
        lanes: Number of rows of a batch in training.

    Call arguments:
        inputs: For each name ids of shape `(batch, time + 1)`: each but the first is
            predicted from those before it. 0 is padding.

    Returns:
        Tensor of shape `(batch, models, 2)`: the sum of the negative log-probabilities
        of a row's words, and their number.

    References:
        - Jean et al., "On Using Very Large Target Vocabulary for Neural Machine
          Translation", 2015: sampled softmax.
        - Mikolov et al., "Distributed Representations of Words and Phrases", 2013: the
          power of the counts.
        - Merity et al., "Regularizing and Optimizing LSTM Language Models", 2018.
    """

    def __init__(
        self,
        models: Mapping[str, LanguageModel],
        counts: np.ndarray,
        num_sampled: int,
        lanes: int,
    ):
        super().__init__(name="next_word")
        self.models = dict(models)
        share = np.asarray(counts, "float64") ** 0.75
        self.share = (share / share.sum()).astype("float32")
        self.num_sampled = num_sampled
        self.seeds = keras.random.SeedGenerator()
        self.carried = {
            name: [
                self.add_weight(
                    shape=(lanes, size),
                    initializer="zeros",
                    trainable=False,
                    name=f"{name}_state_{i}",
                )
                for i, size in enumerate(
                    keras.tree.flatten(model.words.layer.cell.state_size)
                )
            ]
            for name, model in models.items()
        }
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        sampled = self._draw() if training else None
        rows = []
        for name, model in self.models.items():
            before, after = inputs[name][:, :-1], inputs[name][:, 1:]
            is_word = tf.cast(after != PAD_ID, tf.float32)
            states = self._start(name) if training else None
            _, features, last = model.words.encode(before, states)
            if training:
                for carried, state in zip(self.carried[name], last, strict=True):
                    carried.assign(state)
                surprise = self._sampled_surprise(model, features, after, sampled)
            else:
                surprise = -model.words.log_likelihoods(features, after)
            surprise *= is_word
            rows.append(tf.stack([tf.reduce_sum(x, 1) for x in (surprise, is_word)], 1))
        return tf.stack(rows, axis=1)

    def _start(self, name: str) -> list[Any]:
        """Returns the states that a batch starts with."""
        carried = [tf.convert_to_tensor(state) for state in self.carried[name]]
        chance = keras.random.uniform((carried[0].shape[0], 1), seed=self.seeds)
        is_kept = tf.cast(chance >= FRESH, carried[0].dtype)
        dtype = self.models[name].words.layer.compute_dtype
        return [tf.cast(state * is_kept, dtype) for state in carried]

    def _draw(self) -> Any:
        """Returns `num_sampled` words, with repetition."""
        chance = keras.random.uniform((self.num_sampled,), seed=self.seeds)
        sums = tf.constant(np.cumsum(self.share, dtype="float64").astype("float32"))
        drawn = tf.searchsorted(sums, chance * sums[-1])
        return tf.cast(tf.minimum(drawn, len(self.share) - 1), tf.int64)

    def _sampled_surprise(
        self, model: LanguageModel, features: Any, words: Any, sampled: Any
    ) -> Any:
        embed, size = model.words.embed, len(self.share)
        # Probabilities want more than half precision.
        features = tf.cast(features, tf.float32)
        expected = tf.constant(self.share * self.num_sampled)
        surprise = tf.nn.sampled_softmax_loss(
            weights=tf.convert_to_tensor(embed.embeddings),
            biases=tf.convert_to_tensor(embed.bias),
            labels=tf.reshape(tf.cast(words, tf.int64), [-1, 1]),
            inputs=tf.reshape(features, [-1, features.shape[-1]]),
            num_sampled=self.num_sampled,
            num_classes=size,
            sampled_values=(
                sampled,
                tf.gather(expected, tf.reshape(words, [-1, 1])),
                tf.gather(expected, sampled),
            ),
        )
        return tf.reshape(surprise, tf.shape(words))


class MeanSurprise(keras.losses.Loss):
    """The mean negative log-probability of a word, over all directions."""

    def __init__(self) -> None:
        super().__init__(name="mean_surprise", reduction=None)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        sums = tf.reduce_sum(y_pred, axis=[0, 1])
        return sums[0] / tf.maximum(sums[1], 1.0)


class Perplexity(keras.metrics.Metric):
    """exp of the mean negative log-probability of a word.

    In training the words are predicted among the sampled ones, so that the figure is
    far too low; only its fall is informative.

    Args:
        direction: Number of the model in `NextWordTask`.
        name: Name of the metric. Default `"perplexity"`.
    """

    def __init__(self, direction: int, name: str = "perplexity"):
        super().__init__(name=name)
        self.direction = direction
        self.sums = self.add_weight(shape=(2,), initializer="zeros", name="sums")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.sums.assign_add(tf.reduce_sum(y_pred[:, self.direction], axis=0))

    def result(self) -> Any:
        return keras.ops.exp(self.sums[0] / keras.ops.maximum(self.sums[1], 1.0))
