"""A read-out over all states of a sequence."""

from typing import Any

import keras

from rnnzoo.core.types import Tensor


@keras.saving.register_keras_serializable(package="rnnzoo")
class StatePooling(keras.layers.Layer):
    """Summarises the states of a sequence by their maximum and their mean.

    The last state of a plain cell forgets; the maximum and the mean see every
    step, and give each a short path for its gradient.

    Args:
        **kwargs: Arguments of every Keras layer, such as `name` and `dtype`.

    Call arguments:
        states: States of shape `(batch, time, units)`.
        mask: Boolean tensor of shape `(batch, time)`; steps with `False` do not
            count. Each row must have one that does.

    Returns:
        Tensor of shape `(batch, 2 * units)`: the maximum over time, then the mean.

    Masking:
        Takes a mask and passes none on, for there is no time left.

    Raises:
        ValueError: If `states` is not of rank 3.

    Example:

    ```python
    import keras
    from rnnzoo.layers import StatePooling

    states = keras.ops.convert_to_tensor([[[1.0], [4.0], [9.0]]])
    mask = keras.ops.convert_to_tensor([[True, True, False]])
    pooled = keras.ops.convert_to_numpy(StatePooling()(states, mask=mask))
    assert pooled.tolist() == [[4.0, 2.5]]
    ```

    References:
        - Howard and Ruder, "Universal Language Model Fine-tuning for Text
          Classification", 2018: concatenated pooling.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def call(self, states: Tensor, mask: Tensor = None) -> Tensor:
        ops = keras.ops
        if mask is None:
            return ops.concatenate(
                [ops.max(states, axis=1), ops.mean(states, axis=1)], axis=-1
            )
        mask = ops.expand_dims(mask, -1)  # (batch, time, 1)
        # The mean is taken in float32: half precision cannot count to 4096.
        weights = ops.cast(mask, "float32")
        total = ops.sum(ops.cast(states, "float32") * weights, axis=1)
        mean = total / ops.maximum(ops.sum(weights, axis=1), 1.0)
        lowest = ops.full_like(states, -1e4)
        maximum = ops.max(ops.where(mask, states, lowest), axis=1)
        return ops.concatenate([maximum, ops.cast(mean, states.dtype)], axis=-1)

    def compute_mask(self, inputs: Tensor, mask: Tensor = None) -> None:
        return None

    def compute_output_shape(self, states_shape: Any) -> tuple[Any, Any]:
        return (states_shape[0], 2 * states_shape[2])
