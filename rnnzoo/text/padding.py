"""Rows of ids of one length, in core TensorFlow ops."""

from typing import Any


def pad_rows(ids: Any) -> Any:
    """Pads rows with 0 on the right; a batch of no rows still gets one step.

    Args:
        ids: Ragged integer tensor of shape `(batch, None)`.

    Returns:
        Tensor of shape `(batch, time)`, where `time` is the length of the longest row,
        at least 1.
    """
    import tensorflow as tf

    ids = ids.to_tensor()
    missing = tf.maximum(1 - tf.shape(ids)[1], 0)
    return tf.ensure_shape(tf.pad(ids, [[0, 0], [0, missing]]), [None, None])
