"""What the tests need of a Keras backend and `keras.ops` does not give."""

import keras
import numpy as np


def gradients(function, arrays, wrap=lambda run: run):
    """Gradients of a scalar function of float arrays, and its other results.

    `function` takes tensors, must use `keras.ops` only, and returns a pair: the scalar
    and a tuple of tensors. `wrap` compiles, where the backend does. All arrays returned
    are NumPy's; where the scalar does not depend on an array, its gradient is zero.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        def run(*tensors):
            with tf.GradientTape() as tape:
                tape.watch(tensors)
                value, others = function(*tensors)
            zero = tf.UnconnectedGradients.ZERO
            return tape.gradient(value, tensors, unconnected_gradients=zero), others

        grads, others = wrap(run)(*map(tf.constant, arrays))
    elif keras.backend.backend() == "jax":
        import jax

        run = jax.grad(function, argnums=tuple(range(len(arrays))), has_aux=True)
        grads, others = wrap(run)(*map(jax.numpy.asarray, arrays))
    else:
        import torch

        tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
        value, others = function(*tensors)
        grads = torch.autograd.grad(value, tensors, materialize_grads=True)
    return [[keras.ops.convert_to_numpy(x) for x in xs] for xs in (grads, others)]


def layer_gradients(layer, inputs, **kwargs):
    """Gradients of the summed squares of a layer's outputs with respect to the
    inputs and to each trainable weight, in this order."""
    if kwargs.get("mask") is not None:
        kwargs["mask"] = keras.ops.convert_to_tensor(kwargs["mask"])
    state = [variable.numpy() for variable in layer.non_trainable_variables]

    def loss(values, *weights):
        outputs, _ = layer.stateless_call(list(weights), state, values, **kwargs)
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        total = sum(
            keras.ops.sum(keras.ops.square(output) * (i + 1))
            for i, output in enumerate(outputs)
        )
        return total, ()

    arrays = [inputs] + [variable.numpy() for variable in layer.trainable_variables]
    return gradients(loss, [np.asarray(array) for array in arrays])[0]
