"""Self-critical training: the captioner learns from captions that it samples.

The critic samples several captions of each image and scores them. The advantage of a
caption is its score minus the mean score of the other captions of that image. The loss
raises the log-probability of captions with a positive advantage.

References:
    - Ranzato et al., "Sequence Level Training with Recurrent Neural Networks", 2016.
    - Rennie et al., "Self-critical Sequence Training for Image Captioning", 2017.
    - Luo, "A Better Variant of Self-Critical Sequence Training", 2020: the mean of
      the others as the baseline.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from rnnzoo.core.checks import check_positive
from rnnzoo.samplers import TopKSampler
from rnnzoo.samplers.sampler import log_softmax
from rnnzoo.text import PAD_ID, START_ID
from training.core.losses import SmoothedCrossEntropy
from zoo_models.image_captioner.copying_decoder import HideWords

CANDIDATES = 10  # ids in the top-k draw of each step


class CaptionCritic:
    """The decoder of an `ImageCaptioner`, as the model of a `Trainer`.

    With `training=True` it samples captions, scores them and returns the loss of each
    image; otherwise it returns the logits of the true captions. Its inputs are those of
    the decoder and the `numbers` of the images.

    Args:
        captioner: The `ImageCaptioner`.
        decoder: The network that its `decoder` method returned.
        reward: Called with ids, `(batch, captions, time)`, and `numbers`; returns the
            score of each caption.
        num_samples: Number of captions for each image, 2 or more.
        max_length: Largest number of ids of a caption, the end included.
        seed: Seed of the samples.
        imitates: Whether training also returns the logits of the true captions, for
            `CriticalLoss`. Default `False`.
        hidden_words: Fraction of the words of an image that the model can only copy
            while it samples. Default 0.
    """

    def __init__(
        self,
        captioner: Any,
        decoder: keras.Model,
        reward: Callable[[np.ndarray, np.ndarray], np.ndarray],
        num_samples: int,
        max_length: int,
        seed: int,
        imitates: bool = False,
        hidden_words: float = 0.0,
    ):
        check_positive("num_samples", num_samples, minimum=2)
        self.captioner, self.decoder, self.reward = captioner, decoder, reward
        self.num_samples, self.max_length = num_samples, max_length
        self.imitates = imitates
        self.sampler = TopKSampler(CANDIDATES, seed=seed)
        self.hide = HideWords(hidden_words, seed + 1)
        self.trainable_variables = decoder.trainable_variables
        generators = (self.sampler.seed_generator, self.hide.seed_generator)
        self.variables = [*decoder.variables, *(one.state for one in generators)]
        self.losses: list[Any] = []

    def __call__(self, inputs: dict[str, Any], training: bool = False) -> Any:
        if not training:
            return self.logits(inputs, inputs["token_ids"])
        if self.hide.rate and "word_ids" in inputs:
            word_ids, hidden_ids = self.hide(inputs["word_ids"], training=True)
            # The decoder ignores words with a negative id.
            inputs = {**inputs, "word_ids": word_ids - 2 * hidden_ids}
        token_ids, advantages = self.draw(inputs)
        start = tf.fill(tf.concat([tf.shape(token_ids)[:2], [1]], 0), START_ID)
        before = tf.concat([start, token_ids[..., :-1]], axis=-1)
        # Without dropout, as when the captions were sampled.
        logs = log_softmax(self.logits(inputs, before))
        gains = tf.gather(logs, token_ids, batch_dims=3)  # (batch, captions, time)
        weights = tf.cast(token_ids != PAD_ID, tf.float32)
        sums = tf.reduce_sum(-advantages[..., None] * gains * weights, axis=(1, 2))
        losses = sums / (self.num_samples * tf.reduce_mean(tf.reduce_sum(weights, -1)))
        if not self.imitates:
            return losses
        return losses, self.logits(inputs, inputs["token_ids"], training=True)

    def logits(
        self, inputs: dict[str, Any], token_ids: Any, training: bool = False
    ) -> Any:
        """Returns the logits after each of `token_ids`, `(batch, captions, time)`,
        which begin with the start token."""
        names = set(self.decoder.input) - {"token_ids"}
        seen = {name: inputs[name] for name in names}
        return self.decoder({**seen, "token_ids": token_ids}, training=training)

    def draw(self, inputs: dict[str, Any]) -> tuple[Any, Any]:
        """Samples captions; returns ids, `(batch, captions, time)`, and advantages,
        `(batch, captions)`."""
        steps = self.captioner.attention_decoder
        features = tf.cast(inputs["image_features"], tf.float32)
        seen = self.captioner.encode_features({**inputs, "image_features": features})
        fixed, states = steps.start(*seen)
        token_ids, _ = self.sampler(
            lambda last, states: steps.step(last, states, fixed),
            states,
            self.max_length,
            self.num_samples,
        )
        # Padding that all captions share is cut off.
        longest = tf.reduce_max(tf.math.count_nonzero(token_ids, axis=-1))
        token_ids = tf.stop_gradient(token_ids[..., :longest])
        rewards = tf.numpy_function(
            self.reward, [token_ids, inputs["numbers"]], tf.float32
        )
        rewards = tf.ensure_shape(rewards, [None, self.num_samples])
        others = tf.reduce_sum(rewards, axis=1, keepdims=True) - rewards
        return token_ids, rewards - others / (self.num_samples - 1)


class CriticalLoss:
    """The mean of a critic's losses, or the cross-entropy of its logits.

    Args:
        smoothing: See `SmoothedCrossEntropy`.
        imitation: Weight of the cross-entropy of the true captions if the critic
            returns both. Default 0.
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
