"""One step of training, and the variables that it changes."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from training.core.batches import Batches


class Steps:
    """Steps of training and of measuring, each traced once for all lengths.

    The whole is not compiled with XLA: the fused recurrence compiles what gains by
    it, and XLA would compile anew for each length.

    Args:
        model: Keras model.
        optimizer: Keras optimizer.
        loss: Called with `(targets, outputs, sample_weight=weights)`.
        metrics: Keras metrics, called as the loss is.
        ema_momentum: Of the moving average of the weights, or `None` for none.
        batches: Batches of the form to come.
        others: More variables that belong to the state of the run.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: Callable[..., Any],
        metrics: Sequence[keras.metrics.Metric],
        ema_momentum: float | None,
        batches: Batches,
        others: Sequence[keras.Variable] = (),
    ):
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self.ema_momentum = ema_momentum
        self.trainable = model.trainable_variables
        self.names = [variable.path for variable in self.trainable]
        optimizer.build(self.trainable)
        self.mean_loss = keras.metrics.Mean(name="loss")
        self.metrics = [self.mean_loss, *metrics]
        self.averages = [
            keras.Variable(v.numpy(), trainable=False)
            for v in (self.trainable if ema_momentum else [])
        ]
        self.variables = _unique(
            [
                *model.variables,
                *optimizer.variables,
                *self.averages,
                *(v for metric in self.metrics for v in metric.variables),
                *others,
            ]
        )
        # One trace for all lengths: where a run is resumed changes no number.
        spec = batches.stream().element_spec
        self._train = tf.function(self._train_step, input_signature=[spec])
        self._measure = tf.function(self._measure_step, reduce_retracing=True)

    def learning_rate(self) -> float:
        """The rate of the next step."""
        return float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))

    def train(self, batch: Any) -> tuple[float, np.ndarray]:
        """Takes a step; returns the loss and the norm of each gradient before it."""
        loss, norms = self._train(batch)
        return float(loss), norms.numpy()

    def _train_step(self, batch: Any) -> tuple[Any, Any]:
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
        with tf.GradientTape() as tape:
            outputs = self.model(inputs, training=True)
            loss = self._total_loss(targets, outputs, weights)
        gradients = tape.gradient(loss, self.trainable)
        norms = tf.stack([_norm(gradient) for gradient in gradients])
        is_first = tf.equal(tf.cast(self.optimizer.iterations.value, tf.int64), 0)
        self.optimizer.apply_gradients(zip(gradients, self.trainable, strict=True))
        for average, variable in zip(
            self.averages, self.trainable, strict=bool(self.averages)
        ):
            momentum = tf.where(is_first, 0.0, self.ema_momentum)
            momentum = tf.cast(momentum, variable.dtype)
            average.assign(momentum * average + (1 - momentum) * variable)
        self._count(loss, targets, outputs, weights)
        return loss, norms

    def _total_loss(self, targets: Any, outputs: Any, weights: Any) -> Any:
        loss = self.loss(targets, outputs, sample_weight=weights)
        # Regularisers of layers.
        return tf.add_n([loss, *self.model.losses]) if self.model.losses else loss

    def _count(self, loss: Any, targets: Any, outputs: Any, weights: Any) -> None:
        size = tf.shape(tf.nest.flatten(outputs)[0])[0]
        self.mean_loss.update_state(loss, sample_weight=size)
        for metric in self.metrics[1:]:
            metric.update_state(targets, outputs, sample_weight=weights)

    def _measure_step(self, batch: Any) -> None:
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
        outputs = self.model(inputs, training=False)
        loss = self._total_loss(targets, outputs, weights)
        self._count(loss, targets, outputs, weights)

    def measure(self, batches: Batches) -> dict[str, float]:
        """Loss and metrics on batches, with the weights as they are."""
        self.reset()
        for batch in batches.epoch():
            self._measure(batch)
        return self.results()

    def results(self) -> dict[str, float]:
        """Loss and metrics since `reset`."""
        return {metric.name: float(metric.result()) for metric in self.metrics}

    def reset(self) -> None:
        """Forgets loss and metrics."""
        for metric in self.metrics:
            metric.reset_state()

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """Gives the model its averaged weights inside the block."""
        if not self.averages:
            yield
            return
        current = [variable.numpy() for variable in self.trainable]
        for variable, average in zip(self.trainable, self.averages, strict=True):
            variable.assign(average)
        try:
            yield
        finally:
            for variable, value in zip(self.trainable, current, strict=True):
                variable.assign(value)

    # Values

    def get_model(self) -> list[np.ndarray]:
        """Values of all the model's variables."""
        return [v.numpy() for v in self.model.variables]

    def set_model(self, values: list[np.ndarray]) -> None:
        """Sets what `get_model` gave."""
        _assign(self.model.variables, values)

    def get_all(self) -> list[np.ndarray]:
        """Values of all that a step changes."""
        return [v.numpy() for v in self.variables]

    def set_all(self, values: list[np.ndarray]) -> None:
        """Sets what `get_all` gave.

        Raises:
            ValueError: If they are of another model.
        """
        _assign(self.variables, values)


def _unique(variables: list[Any]) -> list[Any]:
    return list({id(variable): variable for variable in variables}.values())


def _assign(variables: list[Any], values: list[np.ndarray]) -> None:
    expected = [(tuple(v.shape), v.dtype) for v in variables]
    received = [(value.shape, str(value.dtype)) for value in values]
    if expected != received:
        differing = [(e, r) for e, r in zip(expected, received, strict=False) if e != r]
        raise ValueError(
            f"The checkpoint must have {len(expected)} variables of the model's "
            f"shapes. Received: {len(received)}; (expected, received): {differing[:3]}"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _norm(gradient: Any) -> Any:
    if gradient is None:
        return tf.constant(0.0)
    values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
    return tf.norm(tf.cast(values, tf.float32))
