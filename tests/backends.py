"""What the tests need of a Keras backend and `keras.ops` does not give."""

import keras
import numpy as np


def gradients(function, arrays):
    """Gradients of a scalar function of float arrays, as NumPy arrays.

    `function` takes tensors and must use `keras.ops` only.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tensors = [tf.constant(array) for array in arrays]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function(*tensors)
        return [grad.numpy() for grad in tape.gradient(value, tensors)]
    if keras.backend.backend() == "jax":
        import jax

        grads = jax.grad(function, argnums=tuple(range(len(arrays))))(*arrays)
        return [np.asarray(grad) for grad in grads]
    import torch

    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    return [grad.numpy() for grad in torch.autograd.grad(function(*tensors), tensors)]


def layer_gradients(layer, inputs, **kwargs):
    """Gradients of the summed squares of a layer's outputs with respect to the
    inputs and to each trainable weight, in this order."""
    if kwargs.get("mask") is not None:
        kwargs["mask"] = keras.ops.convert_to_tensor(kwargs["mask"])
    state = [variable.numpy() for variable in layer.non_trainable_variables]

    def loss(values, *weights):
        outputs, _ = layer.stateless_call(list(weights), state, values, **kwargs)
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        return sum(
            keras.ops.sum(keras.ops.square(output) * (i + 1))
            for i, output in enumerate(outputs)
        )

    arrays = [inputs] + [variable.numpy() for variable in layer.trainable_variables]
    return gradients(loss, [np.asarray(array) for array in arrays])
