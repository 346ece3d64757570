"""The fused recurrence on TensorFlow: see `rnnzoo.layers.elman_scan`.

Graphs that train run the two loops under XLA, whose steps cost a fraction of
TensorFlow's. Its loops keep to one core, so the batch is halved and each half has its
own program; TensorFlow runs the two side by side. The halves stay apart until the
results are put together: joining them any earlier would copy all steps once more.
"""

import functools
import logging
import operator
from typing import Any

import tensorflow as tf

from rnnzoo.core.types import Tensor
from rnnzoo.layers.elman_scan import is_forward_only

# XLA compiles a program for each shape. Sizes unknown to the trace are therefore padded
# to a multiple of these: 16 steps, or 64 beyond 256. Padded steps are not computed.
LENGTH_MULTIPLES = (16, 64)
BATCH_MULTIPLE = 4
MIN_HALF = 8  # rows; smaller batches are not halved
UNROLL = 8  # steps in one turn of TensorFlow's loop, outside XLA

# Each activation with its slope, told from the state alone.
_ACTIVATIONS = {
    "linear": (tf.identity, tf.ones_like),
    "relu": (tf.nn.relu, lambda s: tf.cast(s > 0, s.dtype)),
    "sigmoid": (tf.sigmoid, lambda s: s * (1 - s)),
    "tanh": (tf.tanh, lambda s: 1 - s * s),
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
    """Arguments and results as in `elman_scan`."""
    # Eager calls may bring a new shape every time; a graph is traced for few.
    is_graph = not tf.executing_eagerly()
    compiled = bool(training) and is_graph and inputs.shape[1] != 0
    # TensorFlow's own products use a processor's bfloat16 units, XLA's do not.
    compiled = compiled and inputs.dtype != tf.bfloat16
    run_forward, run_backward, unroll = XLA if compiled else PLAIN
    if is_forward_only() and not is_graph:
        run_forward = _forward  # to trace it takes longer than hundreds of steps
    is_padded = compiled and None in inputs.shape[:2]
    batch, steps = tf.unstack(tf.shape(inputs)[:2])
    units = tf.shape(w)[0]
    steps = inputs.shape[1] or steps  # where it is known, XLA knows it too
    is_halved = is_graph and _is_worth_halving(inputs.shape[0], compiled)

    def rows(x: Tensor) -> Tensor:
        return tf.reshape(x, [-1, x.shape[-1] or tf.shape(x)[-1]])

    def halves(x: Tensor, has_time: bool = True) -> list[Tensor]:
        x = _pad(x, has_time) if is_padded else x
        half = (x.shape[0] or tf.shape(x)[0]) // 2
        return [x[:half], x[half:]] if is_halved else [x]

    def join(parts: Tensor) -> Tensor:
        whole = tf.concat(parts, 0) if is_halved else parts[0]
        return whole[:batch] if is_padded else whole

    # Halving and turning in one pass, and back: `places` tell where the rows of each
    # time-major half lie in the batch-major whole.
    if is_halved:
        sizes = tf.shape(_pad(inputs) if is_padded else inputs)[:2]
        places = halves(tf.reshape(tf.range(tf.reduce_prod(sizes)), sizes))
        places = [tf.transpose(place) for place in places]

    def time_major(x: Tensor) -> list[Tensor]:
        x = _pad(x) if is_padded else x
        return [tf.gather(rows(x), p) for p in places] if is_halved else [_swap(x)]

    def batch_major(parts: Tensor) -> Tensor:
        if is_halved:
            whole = tf.raw_ops.ParallelDynamicStitch(indices=places, data=parts)
            whole = tf.reshape(whole, tf.concat([sizes, tf.shape(parts[0])[2:]], 0))
        else:
            whole = _swap(parts[0])
        return whole[:batch, :steps] if is_padded else whole

    def column_sums(x: Tensor) -> Tensor:
        # A product with ones: half the time of a reduction over rows.
        return tf.matmul(tf.ones([1, tf.shape(x)[0]], x.dtype), x)[0]

    def project(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        product = tf.matmul(rows(x), kernel)
        product = tf.nn.bias_add(product, bias[0]) if bias else product
        projected = tf.reshape(product, tf.concat([tf.shape(x)[:2], [units]], 0))
        projected.set_shape([*x.shape[:2], w.shape[0]])
        return projected

    keep = [None] * (1 + is_halved)
    if mask is not None:
        keep = [tf.transpose(part)[..., None] for part in halves(mask)]
    options = steps, name, unroll

    def forward(projected: Tensor, first: Tensor, keep: Tensor) -> Tensor:
        def without_mask() -> Any:
            return run_forward(projected, w, first, None, *options)

        def with_mask() -> Any:
            return run_forward(projected, w, first, keep, *options)

        if keep is None or compiled:
            return with_mask()
        # Where no step is masked, as in a single text, there is less to do in each.
        return tf.cond(tf.reduce_all(keep), without_mask, with_mask)

    def run(
        inputs: Tensor, kernel: Tensor, w: Tensor, first: Tensor, *bias: Any
    ) -> Tensor:
        xs, firsts = time_major(inputs), halves(first, has_time=False)
        results = [
            forward(project(x, kernel, bias), state, m)
            for x, state, m in zip(xs, firsts, keep, strict=True)
        ]
        arrays, lasts = zip(*results, strict=True)
        states = batch_major([array[1:] for array in arrays])
        states.set_shape([*inputs.shape[:2], w.shape[0]])
        last = tf.ensure_shape(join(lasts), first.shape)

        def gradient(d_states: Tensor, d_last: Tensor) -> list[Tensor]:
            # Saving a model traces this with unknown shapes.
            d_states = halves(tf.reshape(d_states, [batch, steps, units]))
            d_lasts = tf.reshape(d_last, [batch, units])
            d_lasts = halves(d_lasts, has_time=False)
            w_t = tf.transpose(w)  # XLA's products with a transposed matrix are slow
            results = [
                run_backward(*arguments, w_t, m, *options)
                for *arguments, m in zip(d_states, d_lasts, arrays, keep, strict=True)
            ]
            ds, d_firsts = zip(*results, strict=True)
            ds = tuple(rows(d[:-1]) for d in ds)
            d_inputs, d_kernel, d_w = [], [], []
            for x, d, array, state, m in zip(xs, ds, arrays, firsts, keep, strict=True):
                previous = array[:-1]
                if m is not None:
                    # Before a row's first step the output is zero, the state is not.
                    count = tf.cumsum(tf.cast(m, tf.int32), 0, exclusive=True)
                    previous = tf.where(count > 0, previous, state)
                d_x = tf.matmul(d, kernel, transpose_b=True)
                d_inputs.append(tf.reshape(d_x, tf.shape(x)))
                d_kernel.append(tf.matmul(rows(x), d, transpose_a=True))
                d_w.append(tf.matmul(rows(previous), d, transpose_a=True))
            gradients = [batch_major(d_inputs), tf.add_n(d_kernel), tf.add_n(d_w)]
            gradients.append(join(d_firsts))
            gradients += [tf.add_n([column_sums(d) for d in ds]) for _ in bias]
            for x, like in zip(
                gradients, (inputs, kernel, w, first, *bias), strict=True
            ):
                x.set_shape(like.shape)
            return gradients

        return (states, last), gradient

    arguments = inputs, kernel, w, first, *([] if bias is None else [bias])
    if is_forward_only():
        return run(*arguments)[0]
    return tf.custom_gradient(run)(*arguments)


def _swap(x: Tensor) -> Tensor:
    """Batch-major to time-major, and back."""
    return tf.transpose(x, (1, 0, 2))


def _is_worth_halving(batch: int | None, compiled: bool) -> bool:
    if tf.config.list_physical_devices("GPU"):
        return False  # which is parallel by itself
    return compiled if batch is None else batch >= 2 * MIN_HALF


def _pad(x: Tensor, has_time: bool = True) -> Tensor:
    """Fills a batch up, and its steps, to sizes that programs are compiled for."""
    batch, steps = tf.unstack(tf.shape(x)[:2])
    multiple = tf.where(steps > 256, LENGTH_MULTIPLES[1], LENGTH_MULTIPLES[0])
    more_steps = tf.maximum(-steps % multiple, multiple - steps) if has_time else 0
    more = [-batch % BATCH_MULTIPLE, more_steps, 0][: x.shape.rank]
    return tf.pad(x, [[0, n] for n in more])


def _loop(
    step: Any, start: Tensor, left: Tensor, unroll: int, *variables: Any
) -> Tensor:
    """Takes `step` while `left(t, n)`: n or more steps are left at t."""

    def turn(*variables: Any) -> Any:
        for _ in range(unroll):
            variables = step(*variables)
        return variables

    variables = (start, *variables)
    if unroll > 1:
        variables = tf.while_loop(lambda t, *_: left(t, unroll), turn, variables)
    return tf.while_loop(lambda t, *_: left(t, 1), step, variables)[1:]


def _array(dtype: Any, steps: Tensor, index: int, first: Tensor) -> Tensor:
    """An array for one row more than there are steps: empty ones cannot be stacked."""
    array = tf.TensorArray(dtype, steps + 1, element_shape=first.shape)
    return array.write(steps if index < 0 else index, first)


def _forward(
    projected: Tensor,
    w: Tensor,
    first: Tensor,
    mask: Tensor,
    steps: Tensor,
    name: str,
    unroll: int,
) -> Tensor:
    act, _ = _ACTIVATIONS[name]
    # Outside XLA a gather is one operation, a slice that starts at a tensor four.
    at = tf.gather if unroll > 1 else operator.getitem

    def step(t: Tensor, array: Tensor, state: Tensor) -> Tensor:
        state = act(at(projected, t) + tf.matmul(state, w))
        state.set_shape(first.shape)
        return t + 1, array.write(t + 1, state), state

    def masked_step(t: Tensor, array: Tensor, state: Tensor, output: Tensor) -> Tensor:
        new = act(at(projected, t) + tf.matmul(state, w))
        new.set_shape(first.shape)
        state, output = (tf.where(at(mask, t), new, old) for old in (state, output))
        return t + 1, array.write(t + 1, output), state, output

    output = [] if mask is None else [tf.zeros_like(first)]
    array = _array(projected.dtype, tf.shape(projected)[0], 0, [*output, first][0])
    array, last, *_ = _loop(
        step if mask is None else masked_step,
        tf.constant(0),
        lambda t, n: t + n <= steps,
        unroll,
        array,
        first,
        *output,
    )
    return array.stack(), last


def _backward(
    g: Tensor,
    d_last: Tensor,
    states: Tensor,
    w_t: Tensor,
    mask: Tensor,
    steps: Tensor,
    name: str,
    unroll: int,
) -> Tensor:
    _, slope = _ACTIVATIONS[name]

    # Counting down: XLA would compile anew for each `steps` if `t` came of it.
    def step(t: Tensor, array: Tensor, d_state: Tensor) -> Tensor:
        t -= 1
        d_step = (g[:, t] + d_state) * slope(states[t + 1])
        return t, array.write(t, d_step), tf.matmul(d_step, w_t)

    # d_output is what masked steps send back to the output that they repeat.
    def masked_step(
        t: Tensor, array: Tensor, d_state: Tensor, d_output: Tensor
    ) -> Tensor:
        t -= 1
        d_output = g[:, t] + d_output
        d_step = (d_output + d_state) * slope(states[t + 1])
        d_step = tf.where(mask[t], d_step, zero)
        d_state = tf.matmul(d_step, w_t) + tf.where(mask[t], zero, d_state)
        d_output = tf.where(mask[t], zero, d_output)
        return t, array.write(t, d_step), d_state, d_output

    zero = tf.zeros_like(d_last)
    array, d_first, *_ = _loop(
        step if mask is None else masked_step,
        tf.convert_to_tensor(steps),
        lambda t, n: t >= n,
        unroll,
        _array(g.dtype, tf.shape(g)[1], -1, zero),
        d_last,
        *([] if mask is None else [zero]),
    )
    return array.stack(), d_first


# Arguments that are no tensors belong to the trace: the mask may be `None`.
_graph = functools.partial(tf.function, autograph=False, reduce_retracing=True)
PLAIN = _graph(_forward), _graph(_backward), UNROLL
XLA = _graph(_forward, jit_compile=True), _graph(_backward, jit_compile=True), 1


def _is_news(record: logging.LogRecord) -> bool:
    """False for TensorFlow's warning that these are traced often: layers that differ in
    activation, type or mask have each their own trace, and there are few."""
    message = record.getMessage()
    names = repr(_forward), repr(_backward)
    is_ours = any(name in message for name in names)
    return not (is_ours and "retracing" in message)


logging.getLogger("tensorflow").addFilter(_is_news)
