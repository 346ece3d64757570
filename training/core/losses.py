"""Losses that Keras does not have."""

from typing import Any

import keras
from keras import ops


class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy of scores against ids, with part of the target spread evenly.

        -(1 - smoothing) log p_y - smoothing · mean over i of log p_i

    Args:
        smoothing: The part that is spread, from 0 to under 1. Default 0.1.

    References:
        - Szegedy et al., "Rethinking the Inception Architecture for Computer Vision",
          2016.
    """

    def __init__(self, smoothing: float = 0.1):
        if not 0 <= smoothing < 1:
            raise ValueError(
                f"`smoothing` must be from 0 to under 1. Received: {smoothing}"
            )
        super().__init__(
            name="smoothed_cross_entropy", reduction="mean_with_sample_weight"
        )
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        entropy = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)
        expected = ops.take_along_axis(y_pred, y_true[..., None], axis=-1)[..., 0]
        return entropy + self.smoothing * (expected - ops.mean(y_pred, axis=-1))
