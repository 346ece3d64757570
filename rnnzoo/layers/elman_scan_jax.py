"""The fused recurrence on JAX: see `rnnzoo.layers.elman_scan`."""

import functools

import jax
from jax import numpy as jnp

from rnnzoo.core.types import Tensor

# Each activation with its slope, told from the state alone.
_ACTIVATIONS = {
    "linear": (lambda x: x, jnp.ones_like),
    "relu": (lambda x: jnp.maximum(x, 0), lambda s: (s > 0).astype(s.dtype)),
    "sigmoid": (jax.nn.sigmoid, lambda s: s * (1 - s)),
    "tanh": (jnp.tanh, lambda s: 1 - s * s),
}


def scan(
    inputs: Tensor,
    kernel: Tensor,
    w: Tensor,
    bias: Tensor,
    first: Tensor,
    mask: Tensor,
    name: str,
    training: bool = False,
) -> tuple[Tensor, Tensor]:
    """Arguments and results as in `elman_scan`; nothing depends on `training`."""
    projected = jnp.swapaxes(inputs, 0, 1) @ kernel
    if bias is not None:
        projected += bias
    keep = None if mask is None else jnp.swapaxes(mask, 0, 1)[..., None]
    states, last = _run(projected, w, first, keep, name)
    return jnp.swapaxes(states, 0, 1), last


@functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
def _run(
    projected: Tensor, w: Tensor, first: Tensor, mask: Tensor, name: str
) -> Tensor:
    act, _ = _ACTIVATIONS[name]

    def step(state: Tensor, x: Tensor) -> Tensor:
        x, keep = x
        new = act(x + state @ w)
        new = new if keep is None else jnp.where(keep, new, state)
        return new, new

    last, states = jax.lax.scan(step, first, (projected, mask))
    return states, last


def _forward(
    projected: Tensor, w: Tensor, first: Tensor, mask: Tensor, name: str
) -> Tensor:
    states, last = _run(projected, w, first, mask, name)
    return (states, last), (states, w, first, mask)


def _backward(name: str, saved: Tensor, gradients: Tensor) -> Tensor:
    states, w, first, mask = saved
    (d_states, d_last), (_, slope) = gradients, _ACTIVATIONS[name]

    def step(d_state: Tensor, x: Tensor) -> Tensor:
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


_run.defvjp(_forward, _backward)
