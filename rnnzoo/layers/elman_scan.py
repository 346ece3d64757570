"""The fused recurrence of a plain Elman network, one small loop per backend.

Keras runs a plain RNN as a loop of small ops and differentiates through it, which adds
up the gradient of the recurrent kernel one step at a time and keeps every intermediate
result. Here only what must be serial stays in the loop: forward

    S_t = activation(P_t + S_{t-1} W),        P = X W_l + b for all steps at once

and backward, by hand,

    dP_t = (g_t + dP_{t+1} Wᵀ) ⊙ activation'(S_t)

while dW, dW_l, dX and db are one product or sum each over all steps, and only the
states are kept. The loops run over `(time, batch, units)`: a step is one block there.
"""

import functools
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Tensor = Any

# XLA compiles a program for each shape. Sizes unknown to the trace are therefore padded
# to a multiple of these: 16 steps, or 64 beyond 256. Padded steps are not computed.
LENGTH_MULTIPLES = (16, 64)
BATCH_MULTIPLE = 4
UNROLL = 8  # steps in one turn of TensorFlow's loop, outside XLA

# Each activation with its slope, told from the state alone.
_ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "linear": (lambda x: x, ops.ones_like),
    "relu": (ops.relu, lambda s: ops.cast(s > 0, s.dtype)),
    "sigmoid": (ops.sigmoid, lambda s: s * (1 - s)),
    "tanh": (ops.tanh, lambda s: 1 - s * s),
}


def fused_activation(activation: str | Callable | None) -> str | None:
    """The name of an activation that the fused path knows, or `None`."""
    if isinstance(activation, str):
        activation = keras.activations.get(activation)
    for name in _ACTIVATIONS:
        if activation is getattr(keras.activations, name):
            return name
    return "linear" if activation is None else None


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
    kernel, recurrent_kernel, initial_state = (
        ops.reshape(ops.convert_to_tensor(x, dtype), ops.shape(x))
        for x in (kernel, recurrent_kernel, initial_state)
    )
    inputs = ops.transpose(inputs, (1, 0, 2))
    if mask is not None:
        mask = ops.convert_to_tensor(mask, "bool")
        mask = ops.transpose(ops.reshape(mask, ops.shape(mask)[:2]))[..., None]
    if go_backwards:
        inputs = ops.flip(inputs, axis=0)
        mask = None if mask is None else ops.flip(mask, axis=0)
    steps, batch, input_dim = ops.shape(inputs)
    projected = ops.matmul(ops.reshape(inputs, (-1, input_dim)), kernel)
    if bias is not None:
        projected = ops.add(projected, ops.convert_to_tensor(bias, dtype))
    projected = ops.reshape(projected, (steps, batch, kernel.shape[1]))
    scan = BACKENDS[keras.backend.backend()]()
    states, last = scan(
        projected, recurrent_kernel, initial_state, mask, name, training
    )
    return ops.transpose(states, (1, 0, 2)), last


@functools.cache
def _tensorflow_scan() -> Callable:
    import tensorflow as tf

    def loop(step, start, left, unroll, *variables):
        """Takes `step` while `left(t, n)`: n or more steps are left at t."""

        def turn(*variables):
            for _ in range(unroll):
                variables = step(*variables)
            return variables

        variables = (start, *variables)
        if unroll > 1:
            variables = tf.while_loop(lambda t, *_: left(t, unroll), turn, variables)
        return tf.while_loop(lambda t, *_: left(t, 1), step, variables)[1:]

    def rows(like, index, first):
        """An array for one row more than `like` has: empty ones cannot be stacked."""
        size, shape = tf.shape(like)[0] + 1, first.shape
        array = tf.TensorArray(like.dtype, size, element_shape=shape)
        return array.write(size - 1 if index < 0 else index, first)

    def forward(projected, w, first, mask, steps, name, unroll):
        act, _ = _ACTIVATIONS[name]

        def step(t, state, output, array):
            new = act(projected[t] + tf.matmul(state, w))
            new.set_shape(state.shape)
            state = new if mask is None else tf.where(mask[t], new, state)
            output = new if mask is None else tf.where(mask[t], new, output)
            return t + 1, state, output, array.write(t + 1, output)

        output = first if mask is None else tf.zeros_like(first)
        array = rows(projected, 0, output)
        left = lambda t, n: t + n <= steps  # noqa: E731
        last, _, array = loop(step, tf.constant(0), left, unroll, first, output, array)
        return array.stack(), last

    def backward(g, d_last, states, w, mask, steps, name, unroll):
        _, slope = _ACTIVATIONS[name]
        w_t, zero = tf.transpose(w), tf.zeros_like(d_last)

        # d_output is what masked steps send back to the output that they repeat.
        # Counting down: XLA would compile anew for each `steps` if `t` came of it.
        def step(t, d_state, d_output, array):
            t -= 1
            d_output = g[t] + d_output
            d_step = (d_output + d_state) * slope(states[t + 1])
            if mask is None:
                return t, tf.matmul(d_step, w_t), zero, array.write(t, d_step)
            d_step = tf.where(mask[t], d_step, zero)
            d_state = tf.matmul(d_step, w_t) + tf.where(mask[t], zero, d_state)
            d_output = tf.where(mask[t], zero, d_output)
            return t, d_state, d_output, array.write(t, d_step)

        array = rows(g, -1, zero)
        d_first, _, array = loop(
            step, steps, lambda t, n: t >= n, unroll, d_last, zero, array
        )
        return array.stack(), d_first

    # Arguments that are no tensors belong to the trace: the mask may be `None`.
    graph = functools.partial(tf.function, autograph=False, reduce_retracing=True)
    plain = graph(forward), graph(backward), UNROLL
    xla = graph(forward, jit_compile=True), graph(backward, jit_compile=True), 1

    def padding(projected):
        steps, batch = projected.shape[:2]
        if steps is not None and batch is not None:
            return tf.identity  # one trace, one program
        steps, batch = tf.unstack(tf.shape(projected)[:2])
        multiple = tf.where(steps > 256, LENGTH_MULTIPLES[1], LENGTH_MULTIPLES[0])
        steps = tf.maximum(steps + -steps % multiple, multiple)
        batch += -batch % BATCH_MULTIPLE

        def pad(x):
            shape = tf.shape(x)
            more = [steps - shape[0]] if len(x.shape) == 3 else []
            return tf.pad(x, [[0, n] for n in [*more, batch - shape[-2], 0]])

        return pad

    def scan(projected, w, first, mask, name, training):
        # Eager calls may bring a new shape every time; a graph is traced for few.
        compiled = training and not tf.executing_eagerly() and projected.shape[0] != 0
        # TensorFlow's own products use a processor's bfloat16 units, XLA's do not.
        compiled = compiled and projected.dtype != tf.bfloat16
        run_forward, run_backward, unroll = xla if compiled else plain
        pad = padding(projected) if compiled else tf.identity
        steps, batch, units = tf.unstack(tf.shape(projected))
        keep = None if mask is None else pad(mask)
        options = keep, steps, name, unroll

        @tf.custom_gradient
        def run(projected, w, first):
            array, last = run_forward(pad(projected), w, pad(first), *options)
            states, last = array[1 : steps + 1, :batch], last[:batch]
            states.set_shape(projected.shape)
            last.set_shape(first.shape)

            def gradient(d_states, d_last):
                # Saving a model traces this with unknown shapes.
                d_states = pad(tf.reshape(d_states, [steps, batch, units]))
                d_last = pad(tf.reshape(d_last, [batch, units]))
                d, d_first = run_backward(d_states, d_last, array, w, *options)
                d, previous = d[:-1], array[:-1]
                if mask is not None:
                    # Before a row's first step the output is zero, the state is not.
                    count = tf.cumsum(tf.cast(keep, tf.int32), 0, exclusive=True)
                    previous = tf.where(count > 0, previous, pad(first))
                d_w = tf.matmul(
                    tf.reshape(previous, [-1, units]),
                    tf.reshape(d, [-1, units]),
                    transpose_a=True,
                )
                gradients = d[:steps, :batch], d_w, d_first[:batch]
                for x, like in zip(gradients, (projected, w, first), strict=True):
                    x.set_shape(like.shape)
                return gradients

            return (states, last), gradient

        return run(projected, w, first)

    return scan


@functools.cache
def _jax_scan() -> Callable:
    import jax
    from jax import numpy as jnp

    @functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
    def run(projected, w, first, mask, name):
        act, _ = _ACTIVATIONS[name]

        def step(state, x):
            x, keep = x
            new = act(x + state @ w)
            new = new if keep is None else jnp.where(keep, new, state)
            return new, new

        last, states = jax.lax.scan(step, first, (projected, mask))
        return states, last

    def forward(projected, w, first, mask, name):
        states, last = run(projected, w, first, mask, name)
        return (states, last), (states, w, first, mask)

    def backward(name, saved, gradients):
        states, w, first, mask = saved
        (d_states, d_last), (_, slope) = gradients, _ACTIVATIONS[name]

        def step(d_state, x):
            g, s, keep = x
            d_state = d_state + g
            d_step = d_state * slope(s)
            if keep is None:
                return d_step @ w.T, d_step
            d_step = jnp.where(keep, d_step, 0)
            return d_step @ w.T + jnp.where(keep, 0, d_state), d_step

        sequences = d_states, states, mask
        d_first, d = jax.lax.scan(step, d_last, sequences, reverse=True)
        previous = jnp.concatenate([first[None], states])[:-1]
        return d, jnp.einsum("tbu,tbv->uv", previous, d), d_first, None

    run.defvjp(forward, backward)
    return lambda *arguments: run(*arguments[:5])  # nothing depends on `training`


@functools.cache
def _torch_scan() -> Callable:
    import torch

    act_ = {"linear": lambda x: x, "relu": torch.relu_}
    act_ |= {"sigmoid": torch.sigmoid_, "tanh": torch.tanh_}
    aten = torch.ops.aten  # the slope in place, in one pass
    times_slope_ = {
        "linear": lambda d, s: d,
        "relu": lambda d, s: aten.threshold_backward(d, s, 0, grad_input=d),
        "sigmoid": lambda d, s: aten.sigmoid_backward(d, s, grad_input=d),
        "tanh": lambda d, s: aten.tanh_backward(d, s, grad_input=d),
    }

    class Scan(torch.autograd.Function):
        @staticmethod
        def forward(ctx, projected, w, first, mask, name):
            states = torch.cat([first[None], torch.empty_like(projected)])
            for t, x in enumerate(projected):
                state, new = states[t], states[t + 1]
                act_[name](torch.addmm(x, state, w, out=new))
                if mask is not None:
                    torch.where(mask[t], new, state, out=new)
            ctx.save_for_backward(states, w, mask)
            ctx.name = name
            return states[1:], states[-1].clone()

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, d_states, d_last):
            states, w, mask = ctx.saved_tensors
            d, d_state, w_t = torch.empty_like(states[1:]), d_last, w.t()
            for t in reversed(range(len(d))):
                d_step = torch.add(d_states[t], d_state, out=d[t])
                if mask is None:
                    times_slope_[ctx.name](d_step, states[t + 1])
                    d_state = d_step @ w_t
                else:
                    skipped = d_step * ~mask[t]
                    times_slope_[ctx.name](d_step, states[t + 1]).mul_(mask[t])
                    d_state = skipped + d_step @ w_t
            d_w = states[:-1].flatten(0, 1).t() @ d.flatten(0, 1)
            return d, d_w, d_state, None, None

    def scan(projected, w, first, mask, name, training):
        states, last = Scan.apply(projected, w, first, mask, name)
        if mask is not None:
            states = torch.where(mask.cumsum(0) > 0, states, torch.zeros_like(states))
        return states, last

    return scan


BACKENDS: dict[str, Callable] = {
    "tensorflow": _tensorflow_scan,
    "jax": _jax_scan,
    "torch": _torch_scan,
}
