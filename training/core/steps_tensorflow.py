"""Steps on TensorFlow, each traced once for all lengths."""

from typing import Any

import tensorflow as tf

from training.core.batches import Batches
from training.core.steps import Steps


class TensorFlowSteps(Steps):
    """See `Steps`.

    XLA does not compile the whole step: it would do so for each length, and the fused
    recurrence compiles its own loops.
    """

    def prepare(self, batches: Batches) -> None:
        # One trace for all lengths: a resumed run computes the same numbers.
        spec = batches.stream().element_spec
        self._train = tf.function(self._train_step, input_signature=[spec])
        self._measure = tf.function(self._measure_step, reduce_retracing=True)

    def train(self, batch: Any) -> float:
        return float(self._train(batch))

    def _train_step(self, batch: Any) -> Any:
        with tf.GradientTape() as tape:
            loss, outputs = self.forward(batch, training=True)
        self.apply(tape.gradient(loss, self.trainable))
        self.count(batch, loss, outputs)
        return loss

    def measure_batch(self, batch: Any) -> None:
        self._measure(batch)

    def _measure_step(self, batch: Any) -> None:
        self.count(batch, *self.forward(batch, training=False))
