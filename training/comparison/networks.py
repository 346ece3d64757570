"""Tiny networks of plain and of gated cells with as many weights."""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from rnnzoo.layers import Elman
from training.comparison.tasks import Task


@dataclass(frozen=True)
class Cell:
    """A recurrent layer of a kind.

    Attributes:
        name: What it is called in tables.
        layer: Class of the layer.
        matrices: How many square matrices act on the previous state.
        settings: Arguments of the layer.
    """

    name: str
    layer: Any
    matrices: int
    settings: dict[str, Any] = field(default_factory=dict)

    def make(self, weights: int, features: int) -> Any:
        """The layer with as many units as `weights` allow.

        Args:
            weights: Number of weights of the layer, at most.
            features: Size of an input.
        """
        units = 1
        while self.matrices * (units + 1) * (units + features + 3) <= weights:
            units += 1
        return self.layer(units, name="recurrent", **self.settings)


def _plain(activation: str, start: str, initializer: Any) -> Cell:
    settings = {"activation": activation, "recurrent_initializer": initializer}
    return Cell(f"Elman, {activation}, {start}", Elman, 1, settings)


CELLS = {
    "elman-tanh-orthogonal": _plain("tanh", "orthogonal", "orthogonal"),
    "elman-tanh-random": _plain("tanh", "random", "glorot_uniform"),
    "elman-relu-identity": _plain("relu", "identity", "identity"),
    "elman-relu-orthogonal": _plain("relu", "orthogonal", "orthogonal"),
    "gru": Cell("GRU", keras.layers.GRU, 3),
    "lstm": Cell("LSTM", keras.layers.LSTM, 4),
}


def build(cell: Cell, task: Task, weights: int, features: int) -> keras.Model:
    """A network for a problem: the recurrent layer and a linear read-out.

    Args:
        cell: What recurs.
        task: The problem.
        weights: Number of weights of the recurrent layer, at most.
        features: Size of an input.
    """
    recurrent = cell.make(weights, features)
    recurrent.return_sequences = task.answers > 1
    inputs = keras.Input((None, features))
    states = recurrent(inputs)
    if task.answers > 1:
        states = states[:, -task.answers :]
    outputs = keras.layers.Dense(task.outputs, name="read_out")(states)
    return keras.Model(inputs, outputs)


def score(task: Task, outputs: np.ndarray, targets: np.ndarray) -> float:
    """How well a problem was solved: from chance, or less, to 1."""
    if task.is_regression:
        return float(1 - np.mean((outputs - targets) ** 2) / np.var(targets))
    return float(np.mean(outputs.argmax(axis=-1) == targets))


def train(
    model: keras.Model,
    task: Task,
    steps: int,
    batch_size: int,
    learning_rate: float,
    random: np.random.Generator,
    steps_at_once: int = 50,
) -> list[float]:
    """Trains with Adam, gradients clipped to norm 1; gives the losses on the way.

    Args:
        model: The network.
        task: The problem; its examples are drawn anew for each step.
        steps: Number of steps.
        batch_size: Examples in a batch.
        learning_rate: Falls to zero along half a cosine.
        random: Draws the examples.
        steps_at_once: Steps of which one loss is told.
    """
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    loss = (
        keras.losses.MeanSquaredError()
        if task.is_regression
        else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    # Keras compiles whole steps with XLA unless told otherwise, and crawls then.
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=1.0), loss, jit_compile=False
    )
    losses = []
    for _ in range(0, steps, steps_at_once):
        inputs, targets = task.draw(random, steps_at_once * batch_size)
        history = model.fit(inputs, targets, batch_size, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    return losses


def measure(
    model: keras.Model, task: Task, count: int, random: np.random.Generator
) -> float:
    """The score on examples that were not trained on."""
    inputs, targets = task.test(random, count)
    outputs = model.predict(inputs, batch_size=500, verbose=0)
    return score(task, outputs, targets)
