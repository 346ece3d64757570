"""Lessons from captions of one's own: better ones become likelier, worse ones rarer.

Some captions are drawn for each image and scored with CIDEr-D. The advantage of each
is its score less the mean of the others', and its log-probability is pushed up or
down by that.

References:
    - Rennie et al., "Self-critical Sequence Training for Image Captioning", 2017.
    - Luo, "A Better Variant of Self-Critical Sequence Training", 2020: the mean of
      the others as the yardstick.
"""

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

CANDIDATES = 10  # words that are drawn from at each step


class SelfCritic:
    """A captioner's decoder, with what `training.core.trainer.Trainer` asks of a model.

    Called with `training=True` it draws captions, has them scored and gives the loss
    of each image; otherwise it gives the decoder's scores of the true captions.

    Args:
        captioner: The `ImageCaptioner`.
        decoder: What its `decoder` returned.
        reward: Called with ids, `(batch, captions, time)`, and the numbers of the
            images; gives the worth of each caption.
        num_samples: Number of captions for each image, 2 or more.
        seed: Seed of what is drawn.
    """

    def __init__(
        self,
        captioner: Any,
        decoder: keras.Model,
        reward: Callable[[np.ndarray, np.ndarray], np.ndarray],
        num_samples: int,
        seed: int,
    ):
        check_positive("num_samples", num_samples, minimum=2)
        self.captioner, self.decoder, self.reward = captioner, decoder, reward
        self.num_samples = num_samples
        self.max_length = captioner.default_max_length()
        self.sampler = TopKSampler(CANDIDATES, seed=seed)
        self.trainable_variables = decoder.trainable_variables
        drawn = self.sampler.seed_generator.state
        self.variables = [*decoder.variables, drawn]
        self.losses: list[Any] = []

    def __call__(self, inputs: dict[str, Any], training: bool = False) -> Any:
        features, numbers = inputs["image_features"], inputs["numbers"]
        read = {"image_features": features, "token_ids": inputs["token_ids"]}
        if not training:
            return self.decoder(read, training=False)
        token_ids, advantages = self.draw(features, numbers)
        start = tf.fill(tf.concat([tf.shape(token_ids)[:2], [1]], 0), START_ID)
        read["token_ids"] = tf.concat([start, token_ids[..., :-1]], axis=-1)
        # Without dropout: these are the odds that the captions were drawn with.
        logs = log_softmax(self.decoder(read, training=False))
        gains = tf.gather(logs, token_ids, batch_dims=3)  # (batch, captions, time)
        weights = tf.cast(token_ids != PAD_ID, tf.float32)
        sums = tf.reduce_sum(-advantages[..., None] * gains * weights, axis=(1, 2))
        return sums / (self.num_samples * tf.reduce_mean(tf.reduce_sum(weights, -1)))

    def draw(self, features: Any, numbers: Any) -> tuple[Any, Any]:
        """Draws captions: ids, `(batch, captions, time)`, and the advantage of each,
        `(batch, captions)`."""
        decoder = self.captioner.attending_decoder
        seen = self.captioner.read_features(tf.cast(features, tf.float32))
        fixed, states = decoder.start(*seen)
        token_ids, _ = self.sampler(
            lambda last, states: decoder.step(fixed, last, states),
            states,
            self.max_length,
            self.num_samples,
        )
        token_ids = tf.stop_gradient(token_ids)
        rewards = tf.numpy_function(self.reward, [token_ids, numbers], tf.float32)
        rewards = tf.ensure_shape(rewards, [None, self.num_samples])
        others = tf.reduce_sum(rewards, axis=1, keepdims=True) - rewards
        return token_ids, rewards - others / (self.num_samples - 1)


class CriticalLoss:
    """The mean of a `SelfCritic`'s losses, or the cross-entropy of its scores."""

    def __init__(self, smoothing: float):
        self.cross_entropy = SmoothedCrossEntropy(smoothing)

    def __call__(self, targets: Any, outputs: Any, sample_weight: Any = None) -> Any:
        if outputs.shape.rank == 1:
            return tf.reduce_mean(outputs)
        return self.cross_entropy(targets, outputs, sample_weight=sample_weight)
