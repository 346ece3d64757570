"""A step of training and the variables that it changes."""

import contextlib
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from training.core.batches import Batches

IMPLEMENTATIONS = {
    "tensorflow": ("training.core.steps_tensorflow", "TensorFlowSteps"),
    "jax": ("training.core.steps_jax", "JaxSteps"),
}


def make_steps(*arguments: Any) -> "Steps":
    """Returns the `Steps` of Keras's backend, with the arguments of that class.

    Raises:
        ValueError: If there are none: the backend is PyTorch.
    """
    backend = keras.backend.backend()
    if backend not in IMPLEMENTATIONS:
        raise ValueError(
            f"The scripts train on one of {list(IMPLEMENTATIONS)}. Received: "
            f"KERAS_BACKEND={backend}"
        )
    module, name = IMPLEMENTATIONS[backend]
    return getattr(importlib.import_module(module), name)(*arguments)


class Steps(ABC):
    """Steps of training and of measuring.

    Args:
        model: Keras model.
        optimizer: Keras optimizer.
        loss: Called with `(targets, outputs, sample_weight=weights)`.
        metrics: Keras metrics, called as the loss is.
        ema_momentum: Of the moving average of the weights, or `None` for none.
        batches: Batches of the form to come.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: Callable[..., Any],
        metrics: Sequence[keras.metrics.Metric],
        ema_momentum: float | None,
        batches: Batches,
    ):
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self.ema_momentum = ema_momentum
        self.trainable = model.trainable_variables
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
            ]
        )
        self.prepare(batches)

    @abstractmethod
    def prepare(self, batches: Batches) -> None:
        """Prepares the functions of the backend."""

    @abstractmethod
    def train(self, batch: Any) -> float:
        """Takes a step and returns its loss."""

    @abstractmethod
    def measure_batch(self, batch: Any) -> None:
        """Adds a batch to loss and metrics."""

    def learning_rate(self) -> float:
        """Returns the learning rate of the next step."""
        return float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))

    def forward(self, batch: Any, training: bool) -> tuple[Any, Any]:
        """Returns the loss of a batch, regularisers included, and the outputs."""
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
        outputs = self.model(inputs, training=training)
        loss = self.loss(targets, outputs, sample_weight=weights)
        return sum(self.model.losses, start=loss), outputs

    def apply(self, gradients: list[Any]) -> None:
        """Updates the parameters and their averages."""
        is_first = keras.ops.cast(self.optimizer.iterations, "int32") == 0
        self.optimizer.apply(gradients, self.trainable)
        for average, variable in zip(
            self.averages, self.trainable, strict=bool(self.averages)
        ):
            momentum = keras.ops.where(is_first, 0.0, self.ema_momentum)
            momentum = keras.ops.cast(momentum, variable.dtype)
            average.assign(momentum * average + (1 - momentum) * variable)

    def count(self, batch: Any, loss: Any, outputs: Any) -> None:
        """Adds a batch to the loss and the metrics."""
        _, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
        size = keras.ops.shape(keras.tree.flatten(outputs)[0])[0]
        self.mean_loss.update_state(loss, sample_weight=size)
        for metric in self.metrics[1:]:
            metric.update_state(targets, outputs, sample_weight=weights)

    def measure(self, batches: Batches) -> dict[str, float]:
        """Returns loss and metrics on batches, with the current parameters."""
        self.reset()
        for batch in batches.epoch():
            self.measure_batch(batch)
        return self.results()

    def results(self) -> dict[str, float]:
        """Returns loss and metrics since `reset`."""
        return {metric.name: float(metric.result()) for metric in self.metrics}

    def reset(self) -> None:
        """Resets loss and metrics."""
        for metric in self.metrics:
            metric.reset_state()

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """Sets the averaged parameters inside the block."""
        if not self.averages:
            yield
            return
        current = get_values(self.trainable)
        set_values(self.trainable, self.averages)
        try:
            yield
        finally:
            set_values(self.trainable, current)


def _unique(variables: list[Any]) -> list[Any]:
    return list({id(variable): variable for variable in variables}.values())


def get_values(variables: list[Any]) -> list[np.ndarray]:
    """Returns the values of variables."""
    return [variable.numpy() for variable in variables]


def set_values(variables: list[Any], values: list[Any]) -> None:
    """Assigns values to variables."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
