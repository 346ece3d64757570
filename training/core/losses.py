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
        super().__init__(
            name="smoothed_cross_entropy", reduction="mean_with_sample_weight"
        )
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true = ops.cast(y_true, "int32")  # Keras makes floats of all that it is given
        entropy = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)
        expected = ops.take_along_axis(y_pred, y_true[..., None], axis=-1)[..., 0]
        return entropy + self.smoothing * (expected - ops.mean(y_pred, axis=-1))


class ConsistentCrossEntropy(SmoothedCrossEntropy):
    """Cross-entropy of a batch that comes twice, and how far its two answers differ.

    The second half of a batch repeats the first. Dropout makes other networks of both;
    what they say is pulled together by the divergence of their distributions:

        mean cross-entropy + weight / 4 · (KL(p || q) + KL(q || p))

    Args:
        weight: Weight of the divergence, not negative: `alpha` in the paper.
        smoothing: As in `SmoothedCrossEntropy`. Default 0.1.

    References:
        - Liang et al., "R-Drop: Regularized Dropout for Neural Networks", 2021.
    """

    def __init__(self, weight: float, smoothing: float = 0.1):
        super().__init__(smoothing)
        self.weight = weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        first, second = ops.split(ops.log_softmax(y_pred), 2)
        # KL(p || q) + KL(q || p)
        divergence = ops.sum(
            (ops.exp(first) - ops.exp(second)) * (first - second), axis=-1
        )
        return super().call(y_true, y_pred) + self.weight / 4 * ops.concatenate(
            [divergence, divergence]
        )
