"""Layers that lay the captions of an image out, as the layers around want them."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="rnnzoo")
class ToRows(keras.layers.Layer):
    """`(batch, captions, time)` to `(batch * captions, time)`."""

    def call(self, inputs):
        return ops.reshape(inputs, (-1, ops.shape(inputs)[-1]))

    def compute_output_spec(self, inputs):
        return keras.KerasTensor((None, inputs.shape[-1]), inputs.dtype)


@keras.saving.register_keras_serializable(package="rnnzoo")
class Regroup(keras.layers.Layer):
    """Gives vectors the first axes of `like`, all but its last: `(rows, time, size)`
    to `(batch, captions * time, size)`, and back."""

    def call(self, inputs, like):
        first = ops.shape(like)[: len(like.shape) - 2]
        return ops.reshape(inputs, (*first, -1, inputs.shape[-1]))

    def compute_output_spec(self, inputs, like):
        shape = (*like.shape[:-2], None, inputs.shape[-1])
        return keras.KerasTensor(shape, inputs.dtype)


@keras.saving.register_keras_serializable(package="rnnzoo")
class RepeatFor(keras.layers.Layer):
    """`(batch, size)` to `(batch * captions, size)`, for the captions of `like`,
    `(batch, captions, time)`."""

    def call(self, inputs, like):
        return ops.repeat(inputs, ops.shape(like)[1], axis=0)

    def compute_output_spec(self, inputs, like):
        return keras.KerasTensor((None, inputs.shape[-1]), inputs.dtype)
