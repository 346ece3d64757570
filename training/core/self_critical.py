"""Lessons from texts of one's own: better ones become likelier, worse ones rarer.

Some texts are drawn for each example and scored. The advantage of each is its score
less the mean of the others', and its log-probability is pushed up or down by that.

References:
    - Ranzato et al., "Sequence Level Training with Recurrent Neural Networks", 2016.
    - Rennie et al., "Self-critical Sequence Training for Image Captioning", 2017.
    - Luo, "A Better Variant of Self-Critical Sequence Training", 2020: the mean of
      the others as the yardstick.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from rnnzoo.checks import check_positive
from rnnzoo.samplers import TopKSampler
from rnnzoo.samplers.sampler import log_softmax
from rnnzoo.text import PAD_ID, START_ID
from training.core.losses import SmoothedCrossEntropy

CANDIDATES = 10  # ids that are drawn from at each step


class SelfCritic(ABC):
    """A model that writes, with what `training.core.trainer.Trainer` asks of a model.

    Called with `training=True` it draws texts, has them scored and gives the loss of
    each example; otherwise it gives the network's scores of the true texts.

    Args:
        generator: The captioner or translator.
        network: Its network, or the part of it that is trained.
        reward: Called with ids, `(batch, texts, time)`, and what `judged_by` picks of
            the inputs; gives the worth of each text.
        num_samples: Number of texts for each example, 2 or more.
        max_length: Ids of a text at most, the end included.
        seed: Seed of what is drawn.
        imitates: Whether it gives its scores of the true texts too when it learns, for
            `CriticalLoss`. Default `False`.
    """

    def __init__(
        self,
        generator: Any,
        network: keras.Model,
        reward: Callable[[np.ndarray, np.ndarray], np.ndarray],
        num_samples: int,
        max_length: int,
        seed: int,
        imitates: bool = False,
    ):
        check_positive("num_samples", num_samples, minimum=2)
        self.generator, self.network, self.reward = generator, network, reward
        self.num_samples, self.max_length = num_samples, max_length
        self.imitates = imitates
        self.sampler = TopKSampler(CANDIDATES, seed=seed)
        self.trainable_variables = network.trainable_variables
        drawn = self.sampler.seed_generator.state
        self.variables = [*network.variables, drawn]
        self.losses: list[Any] = []

    @abstractmethod
    def read(self, inputs: dict[str, Any]) -> tuple[Any, ...]:
        """What the generator's decoder starts from."""

    @abstractmethod
    def logits(self, inputs: dict[str, Any], token_ids: Any) -> Any:
        """Scores of the ids after each of `token_ids`, `(batch, texts, time)`, which
        begin with the start token; without dropout."""

    @abstractmethod
    def judged_by(self, inputs: dict[str, Any]) -> Any:
        """What the reward is given beside the texts."""

    @abstractmethod
    def true_logits(self, inputs: dict[str, Any], training: bool) -> Any:
        """The network's scores of the true texts."""

    def __call__(self, inputs: dict[str, Any], training: bool = False) -> Any:
        if not training:
            return self.true_logits(inputs, False)
        token_ids, advantages = self.draw(inputs)
        start = tf.fill(tf.concat([tf.shape(token_ids)[:2], [1]], 0), START_ID)
        before = tf.concat([start, token_ids[..., :-1]], axis=-1)
        # Without dropout: these are the odds that the texts were drawn with.
        logs = log_softmax(self.logits(inputs, before))
        gains = tf.gather(logs, token_ids, batch_dims=3)  # (batch, texts, time)
        weights = tf.cast(token_ids != PAD_ID, tf.float32)
        sums = tf.reduce_sum(-advantages[..., None] * gains * weights, axis=(1, 2))
        losses = sums / (self.num_samples * tf.reduce_mean(tf.reduce_sum(weights, -1)))
        return (losses, self.true_logits(inputs, True)) if self.imitates else losses

    def draw(self, inputs: dict[str, Any]) -> tuple[Any, Any]:
        """Draws texts: ids, `(batch, texts, time)`, and the advantage of each,
        `(batch, texts)`."""
        decoder = self.generator.attending_decoder
        fixed, states = decoder.start(*self.read(inputs))
        token_ids, _ = self.sampler(
            lambda last, states: decoder.step(fixed, last, states),
            states,
            self.max_length,
            self.num_samples,
        )
        # No step is spent on padding that all texts share.
        longest = tf.reduce_max(tf.math.count_nonzero(token_ids, axis=-1))
        token_ids = tf.stop_gradient(token_ids[..., :longest])
        rewards = tf.numpy_function(
            self.reward, [token_ids, self.judged_by(inputs)], tf.float32
        )
        rewards = tf.ensure_shape(rewards, [None, self.num_samples])
        others = tf.reduce_sum(rewards, axis=1, keepdims=True) - rewards
        return token_ids, rewards - others / (self.num_samples - 1)


class CriticalLoss:
    """The mean of a `SelfCritic`'s losses, or the cross-entropy of its scores.

    Args:
        smoothing: See `SmoothedCrossEntropy`.
        imitation: Weight of the cross-entropy beside the losses, if it gives both:
            without it, texts of its own grow alike. Default 0.
    """

    def __init__(self, smoothing: float, imitation: float = 0.0):
        self.cross_entropy = SmoothedCrossEntropy(smoothing)
        self.imitation = imitation

    def __call__(self, targets: Any, outputs: Any, sample_weight: Any = None) -> Any:
        if isinstance(outputs, tuple):
            losses, scores = outputs
            entropy = self.cross_entropy(targets, scores, sample_weight=sample_weight)
            return tf.reduce_mean(losses) + self.imitation * entropy
        if outputs.shape.rank == 1:
            return tf.reduce_mean(outputs)
        return self.cross_entropy(targets, outputs, sample_weight=sample_weight)
