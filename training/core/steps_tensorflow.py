"""Steps on TensorFlow, each traced once for all lengths."""

from typing import Any

import numpy as np
import tensorflow as tf

from training.core.batches import Batches
from training.core.steps import Steps


class TensorFlowSteps(Steps):
    """See `Steps`.

    The whole is not compiled with XLA: the fused recurrence compiles what gains by
    it, and XLA would compile anew for each length.
    """

    def prepare(self, batches: Batches) -> None:
        # One trace for all lengths: where a run is resumed changes no number.
        spec = batches.stream().element_spec
        self._train = tf.function(self._train_step, input_signature=[spec])
        self._measure = tf.function(self._measure_step, reduce_retracing=True)

    def train(self, batch: Any) -> tuple[float, np.ndarray]:
        loss, norms = self._train(batch)
        return float(loss), norms.numpy()

    def _train_step(self, batch: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            loss, outputs = self.forward(batch, training=True)
        gradients = tape.gradient(loss, self.trainable)
        norms = tf.stack([_norm(gradient) for gradient in gradients])
        self.apply(gradients)
        self.count(batch, loss, outputs)
        return loss, norms

    def measure_batch(self, batch: Any) -> None:
        self._measure(batch)

    def _measure_step(self, batch: Any) -> None:
        self.count(batch, *self.forward(batch, training=False))


def _norm(gradient: Any) -> Any:
    if gradient is None:
        return tf.constant(0.0)
    values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
    return tf.norm(tf.cast(values, tf.float32))
