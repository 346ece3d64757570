"""The fused recurrence of a plain Elman network.

Keras runs a plain RNN as a loop of small ops and differentiates through it, which adds
up the gradient of the recurrent kernel one step at a time and keeps every intermediate
result. Here only what must be serial stays in the loop: forward

    S_t = activation(P_t + S_{t-1} W),        P = X W_l + b for all steps at once

and backward, by hand,

    dP_t = (g_t + dP_{t+1} Wᵀ) ⊙ activation'(S_t)

while dW, dW_l, dX and db are one product or sum each over all steps, and only the
states are kept. Each backend has its loop in a file of its own; all of them run over
`(time, batch, units)`, in which a step is one block.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras
from keras import ops

Tensor = Any

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh")
BACKENDS = ("jax", "tensorflow", "torch")

_IS_FORWARD_ONLY = ContextVar("is_forward_only", default=False)


@contextmanager
def forward_only() -> Iterator[None]:
    """Inside, the recurrence has no gradient of its own on TensorFlow: a graph that
    answers is traced and saved sooner without it. TensorFlow finds one if asked."""
    token = _IS_FORWARD_ONLY.set(True)
    try:
        yield
    finally:
        _IS_FORWARD_ONLY.reset(token)


def is_forward_only() -> bool:
    """Whether a caller is inside `forward_only`."""
    return _IS_FORWARD_ONLY.get()


def fused_activation(activation: str | Callable | None) -> str | None:
    """The name of an activation that the fused path knows, or `None`."""
    if isinstance(activation, str):
        activation = keras.activations.get(activation)
    for name in ACTIVATIONS:
        if activation is getattr(keras.activations, name):
            return name
    return "linear" if activation is None else None


def backend_scan(backend: str) -> Callable:
    """The recurrence in a backend's own tensors, whichever Keras runs on.

    Returns:
        A function of the arguments of `elman_scan` up to `activation`, by position,
        as tensors of one floating-point type and a boolean mask, and `training`.
    """
    return importlib.import_module(f"rnnzoo.layers.elman_scan_{backend}").scan


def elman_scan(
    inputs: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None,
    initial_state: Tensor,
    mask: Tensor | None = None,
    activation: str | Callable | None = "tanh",
    go_backwards: bool = False,
    training: bool = False,
) -> tuple[Tensor, Tensor]:
    """Runs an Elman cell over a whole batch of sequences.

    `S_t = activation(W_l X_t + W S_{t-1} + b)`, with `W_l` = `kernel`,
    `W` = `recurrent_kernel`, `b` = `bias` and `S_0` = `initial_state`.

    Args:
        inputs: floating-point sequences, `(batch, time, input_dim)`.
        kernel: `(input_dim, units)`.
        recurrent_kernel: `(units, units)`.
        bias: `(units,)`, or `None`.
        initial_state: `(batch, units)`.
        mask: booleans, `(batch, time)`; at `False` the state stays what it was.
            `None` takes every step.
        activation: tanh, relu, sigmoid or linear, by name or as the Keras function.
        go_backwards: whether to read the sequences from their end.
        training: whether a gradient will be asked for. It changes no number: on
            TensorFlow it lets graphs run the loops under XLA. Without it nothing is
            compiled, so that a SavedModel never needs XLA.

    Returns:
        `(states, last_state)`: the states in the order they were computed,
        `(batch, time, units)`, and the state after the last step, `(batch, units)`.
        A masked step repeats the output before it. Where a row starts with masked
        steps there is none, and Keras is followed: zeros on TensorFlow and PyTorch,
        the initial state on JAX.

    Raises:
        ValueError: if the activation is none of the four.
    """
    name = fused_activation(activation)
    if name is None:
        raise ValueError(
            "`activation` must be tanh, relu, sigmoid or linear. "
            f"Received: activation={activation!r}"
        )
    inputs = ops.convert_to_tensor(inputs)
    dtype = keras.backend.standardize_dtype(inputs.dtype)
    # The reshape makes tensors of variables, as TensorFlow's custom gradients ask.
    kernel, recurrent_kernel, bias, initial_state = (
        None
        if x is None
        else ops.reshape(ops.convert_to_tensor(x, dtype), ops.shape(x))
        for x in (kernel, recurrent_kernel, bias, initial_state)
    )
    if mask is not None:
        mask = ops.convert_to_tensor(mask, "bool")
        if len(mask.shape) != 2:
            mask = ops.reshape(mask, ops.shape(mask)[:2])
    if go_backwards:
        inputs = ops.flip(inputs, axis=1)
        mask = None if mask is None else ops.flip(mask, axis=1)
    scan = backend_scan(keras.backend.backend())
    weights = kernel, recurrent_kernel, bias
    return scan(inputs, *weights, initial_state, mask, name, training)
