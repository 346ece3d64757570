"""The network of `ImageClassifier`: stacked Elman layers that read an image."""

from collections.abc import Sequence
from typing import Any

import keras

from rnnzoo.layers.initializers import Orthogonal
from zoo_models.core.types import RecurrentLayer, Tensor


def build_network(
    image_shape: tuple[int, int, int],
    num_classes: int,
    by_rows: bool,
    units: Sequence[int],
    activation: Any,
    dropout: float,
    recurrent_layer: RecurrentLayer,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Builds the network from pixels, `(batch, *image_shape)`, to probabilities.

    Args:
        image_shape: `(height, width, channels)`.
        num_classes: Number of probabilities.
        by_rows: Whether a row is read in each step, downwards and upwards, instead of
            the image in one step.
        units: Number of units of each layer.
        activation: Activation of the cells.
        dropout: Dropout rate of the states after each layer.
        recurrent_layer: Class of the recurrent layers.

    Returns:
        The Keras input; the output of shape `(batch, num_classes)`; and the recurrent
        layers, without those that `Bidirectional` makes of them.
    """
    # === Layers ===
    height, width, channels = image_shape
    num_steps = height if by_rows else 1
    to_steps = keras.layers.Reshape(
        (num_steps, height * width * channels // num_steps), name="steps"
    )
    layers = [
        recurrent_layer(
            size,
            activation,
            kernel_initializer="he_normal",
            # A radius under one lets states of relu neither grow nor die; where
            # there is no time there is nothing to hand on.
            recurrent_initializer=Orthogonal(0.7) if num_steps > 1 else "zeros",
            return_sequences=True,
            name=f"elman_{i + 1}",
        )
        for i, size in enumerate(units)
    ]
    readers = layers
    if num_steps > 1:
        readers = [
            keras.layers.Bidirectional(layer, name=f"states_{i + 1}")
            for i, layer in enumerate(layers)
        ]
    drop = [keras.layers.Dropout(dropout) for _ in layers]
    flatten = keras.layers.Flatten(name="features")
    # Probabilities stay in float32 under mixed precision.
    head = keras.layers.Dense(
        num_classes, activation="softmax", dtype="float32", name="head"
    )

    # === Graph ===
    pixels = keras.Input(image_shape, dtype="float32", name="pixels")
    states = to_steps(pixels)  # (batch, steps, width * channels)
    for reader, drop_states in zip(readers, drop, strict=True):
        states = drop_states(reader(states))
    return pixels, head(flatten(states)), layers
