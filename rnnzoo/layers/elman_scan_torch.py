"""The fused recurrence on PyTorch: see `rnnzoo.layers.elman_scan`."""

from typing import Any

import torch

from rnnzoo.core.types import Tensor

_ACTIVATE_ = {"linear": lambda x: x, "relu": torch.relu_}
_ACTIVATE_ |= {"sigmoid": torch.sigmoid_, "tanh": torch.tanh_}
_ATEN = torch.ops.aten
# A gradient times the activation's slope at a state, in place.
_TIMES_SLOPE_ = {
    "linear": lambda d, s: d,
    "relu": lambda d, s: _ATEN.threshold_backward(d, s, 0, grad_input=d),
    "sigmoid": lambda d, s: _ATEN.sigmoid_backward(d, s, grad_input=d),
    "tanh": lambda d, s: _ATEN.tanh_backward(d, s, grad_input=d),
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
    keep = None if mask is None else mask.t()[..., None]
    states, last = _Scan.apply(inputs, kernel, w, bias, first, keep, name)
    if mask is not None:
        has_begun = mask.cumsum(1)[..., None] > 0
        states = torch.where(has_begun, states, torch.zeros_like(states))
    return states, last


def _rows(sequences: Tensor) -> Tensor:
    """`(batch, time, n)` as one row for each step of each sequence, by time."""
    return sequences.transpose(0, 1).flatten(0, 1)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        kernel: Tensor,
        w: Tensor,
        bias: Tensor,
        first: Tensor,
        mask: Tensor,
        name: str,
    ) -> Tensor:
        steps = inputs.shape[1]
        states = first.new_empty(steps + 1, *first.shape)
        states[0] = first
        # Each step's projection waits where its state will be.
        projected = states[1:].flatten(0, 1)  # a view
        if bias is None:
            torch.mm(_rows(inputs), kernel, out=projected)
        else:
            torch.addmm(bias, _rows(inputs), kernel, out=projected)
        rows = states.unbind(0)
        for t in range(steps):
            state, new = rows[t], rows[t + 1]
            _ACTIVATE_[name](new.addmm_(state, w))
            if mask is not None:
                torch.where(mask[t], new, state, out=new)
        ctx.save_for_backward(inputs, kernel, w, states, mask)
        ctx.name, ctx.has_bias = name, bias is not None
        return states[1:].transpose(0, 1), states[-1].clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, d_states: Tensor, d_last: Tensor) -> Tensor:
        inputs, kernel, w, states, mask = ctx.saved_tensors
        times_slope_, w_t = _TIMES_SLOPE_[ctx.name], w.t().contiguous()
        d = d_states.transpose(0, 1).clone(memory_format=torch.contiguous_format)
        d_rows, state_rows = d.unbind(0), states.unbind(0)
        d_state, later = d_last, None
        for t in reversed(range(len(d_rows))):
            d_step = d_rows[t]
            # Without a mask, d_state is the product of the later step with Wᵀ.
            d_step.add_(d_state) if later is None else d_step.addmm_(later, w_t)
            if mask is None:
                later = times_slope_(d_step, state_rows[t + 1])
            else:
                skipped = d_step * ~mask[t]
                times_slope_(d_step, state_rows[t + 1]).mul_(mask[t])
                d_state = skipped.addmm_(d_step, w_t)
        d_first = d_state if later is None else later @ w_t
        d = d.flatten(0, 1)
        d_inputs = d_kernel = d_w = d_bias = None
        needs = ctx.needs_input_grad
        if needs[0]:
            by_time = (d @ kernel.t()).unflatten(0, (len(d_rows), len(inputs)))
            d_inputs = by_time.transpose(0, 1)
        if needs[1]:
            d_kernel = _rows(inputs).t() @ d
        if needs[2]:
            d_w = states[:-1].flatten(0, 1).t() @ d
        if ctx.has_bias and needs[3]:
            d_bias = d.sum(0)
        return d_inputs, d_kernel, d_w, d_bias, d_first, None, None
