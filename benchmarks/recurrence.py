"""Times plain recurrences side by side: Keras, PyTorch, JAX, and the fused Elman.

    python -m benchmarks.recurrence            all shapes, about four minutes
    python -m benchmarks.recurrence --quick    two small shapes: does it run?

Each round runs every contender once, in a new order. A figure is the median over the
rounds in ms, with half the interquartile range. The last column is the median of the
time divided by that of the fused Elman on TensorFlow. A train step computes the
gradients of all weights and of the inputs from those of the outputs. `SimpleRNN in fit`
compiles the whole step with XLA, as Keras's `fit` does by default. The floor runs only
the same matrix products in TensorFlow, back to back; `share of the floor` is floor /
fused. Keep the machine idle: threads of PyTorch spin while they wait.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable

from benchmarks.report import (
    compare,
    limit_cores,
    machine,
    make_parser,
    save,
)

FUSED, FLOOR = "Elman fused", "GEMM floor"
SHAPES = [
    (64, 200, 128, 256),
    (64, 20, 256, 512),
    (32, 400, 64, 128),
    (128, 28, 28, 128),
]
QUICK = [(8, 20, 16, 32), (4, 50, 8, 16)]
Shape = tuple[int, int, int, int]


def tensorflow_contenders(shape: Shape, data: dict, train: bool) -> dict[str, Callable]:
    import keras
    import tensorflow as tf

    from rnnzoo.layers import Elman

    _, steps, inputs, units = shape
    x, g = tf.constant(data["x"]), tf.constant(data["g"])
    kernel, recurrent = tf.constant(data["kernel"]), tf.constant(data["recurrent"])
    contenders = {}

    # Calls of functions come back when their results are there.
    def runner(layer: keras.layers.Layer, jit_compile: bool) -> Callable:
        @tf.function(autograph=False)
        def forward(x):
            return layer(x)

        @tf.function(autograph=False, jit_compile=jit_compile or None)
        def train_step(x, g):
            weights = [w.value for w in layer.trainable_variables]
            with tf.GradientTape() as tape:
                tape.watch(x)
                states = layer(x, training=True)
            return tape.gradient(states, [x, *weights], output_gradients=g)

        return (lambda: train_step(x, g)) if train else (lambda: forward(x))

    simple = keras.layers.SimpleRNN(units, return_sequences=True)
    layers = {
        "keras SimpleRNN": simple,
        "keras LSTM": keras.layers.LSTM(units, return_sequences=True),
        "keras GRU": keras.layers.GRU(units, return_sequences=True),
        "Elman step by step": Elman(units, return_sequences=True, fused=False),
        FUSED: Elman(units, return_sequences=True, fused=True),
    }
    if train:
        layers["SimpleRNN in fit"] = simple
    for name, layer in layers.items():
        layer.build(x.shape)
        if "SimpleRNN" in name or "Elman" in name:
            layer.set_weights([data["kernel"], data["recurrent"], data["bias"]])
        contenders[name] = runner(layer, name == "SimpleRNN in fit")

    def floor(compiled: bool) -> Callable:
        @tf.function(autograph=False, jit_compile=compiled or None)
        def serial(state, w):
            for _ in range(8):
                state = tf.matmul(state, w)
            return state

        rows = tf.reshape(x, [-1, inputs])
        d = tf.reshape(g, [-1, units])

        @tf.function(autograph=False)
        def products():
            turns = -(-steps * (2 if train else 1) // 8)
            _, state = tf.while_loop(
                lambda i, _: i < turns,
                lambda i, s: (i + 1, tf.ensure_shape(serial(s, recurrent), s.shape)),
                (0, g[:, 0]),
            )
            results = [state, tf.matmul(rows, kernel)]
            if train:
                results.append(tf.matmul(d, d, transpose_a=True))
                results.append(tf.matmul(rows, d, transpose_a=True))
                results.append(tf.matmul(d, kernel, transpose_b=True))
            return results

        return products

    # Two ways to run the serial products; the faster one is the floor.
    contenders[FLOOR + " a"], contenders[FLOOR + " b"] = floor(False), floor(True)
    return contenders


def torch_contenders(shape: Shape, data: dict, train: bool) -> dict[str, Callable]:
    import torch

    from rnnzoo.layers.elman_scan import backend_scan

    layer = torch.nn.RNN(shape[2], shape[3], batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(data["kernel"].T))
        layer.weight_hh_l0.copy_(torch.tensor(data["recurrent"].T))
        layer.bias_ih_l0.copy_(torch.tensor(data["bias"]))
        layer.bias_hh_l0.zero_()
    x, g = torch.tensor(data["x"], requires_grad=train), torch.tensor(data["g"])

    names = "kernel", "recurrent", "bias"
    weights = [torch.tensor(data[name], requires_grad=train) for name in names]
    first = torch.zeros(shape[0], shape[3])

    def fused(x, *weights):
        return backend_scan("torch")(x, *weights, first, None, "tanh")

    def runner(run: Callable, weights: list) -> Callable:
        def forward():
            with torch.inference_mode():
                return run(x, *weights)[0]

        def train_step():
            states = run(x, *weights)[0]
            return torch.autograd.grad(states, [x, *weights], grad_outputs=g)

        return train_step if train else forward

    def plain(x, *weights):
        return layer(x)

    return {
        "torch.nn.RNN": runner(plain, list(layer.parameters())),
        FUSED + ", torch": runner(fused, weights),
    }


def jax_contenders(shape: Shape, data: dict, train: bool) -> dict[str, Callable]:
    import jax
    from jax import numpy as jnp

    from rnnzoo.layers.elman_scan import backend_scan

    names = "x", "kernel", "recurrent", "bias"
    arguments = [jnp.asarray(data[name]) for name in names]
    g = jnp.asarray(data["g"])

    def forward(x, kernel, recurrent, bias):
        def step(state, projected):
            state = jnp.tanh(projected + state @ recurrent)
            return state, state

        first = jnp.zeros((shape[0], shape[3]))
        projected = jnp.swapaxes(x, 0, 1) @ kernel + bias
        return jnp.swapaxes(jax.lax.scan(step, first, projected)[1], 0, 1)

    def fused(x, *weights):
        first = jnp.zeros((shape[0], shape[3]))
        return backend_scan("jax")(x, *weights, first, None, "tanh")[0]

    def runner(run: Callable) -> Callable:
        def train_step(*arguments):
            return jax.vjp(run, *arguments)[1](g)

        compiled = jax.jit(train_step if train else run)
        return lambda: jax.block_until_ready(compiled(*arguments))

    return {"jax.lax.scan": runner(forward), FUSED + ", jax": runner(fused)}


def make_data(shape: Shape) -> dict:
    import numpy as np

    rng = np.random.default_rng(0)
    batch, steps, inputs, units = shape
    sizes = {
        "x": ((batch, steps, inputs), 1.0),
        "g": ((batch, steps, units), 1.0),
        "kernel": ((inputs, units), inputs**-0.5),
        "recurrent": ((units, units), 0.9 * units**-0.5),
        "bias": ((units,), 0.1),
    }
    return {
        name: (scale * rng.normal(size=size)).astype("float32")
        for name, (size, scale) in sizes.items()
    }


def measure(shape: Shape, train: bool, rounds: int) -> dict[str, dict]:
    """Returns the median and spread of each contender in ms."""
    import numpy as np

    data, contenders = make_data(shape), {}
    for group in (tensorflow_contenders, torch_contenders, jax_contenders):
        try:
            contenders |= group(shape, data, train)
        except ImportError as error:
            print(f"  left out: {error.name} is not installed", file=sys.stderr)
    if not train:  # the same weights must give the same numbers
        expected = contenders[FUSED]()
        for name, run in contenders.items():
            if not any(other in name for other in ("GRU", "LSTM", FLOOR)):
                error = np.abs(np.asarray(run()) - expected).max()
                assert error < 1e-4, (name, error)
    figures = compare(contenders, rounds)
    floors = [figures.pop(FLOOR + " a"), figures.pop(FLOOR + " b")]
    figures[FLOOR] = min(floors, key=lambda figure: figure["median"])
    return figures


def show(kind: str, tables: dict[str, dict[str, dict]]) -> None:
    """Prints the Markdown table of a kind, with a column for each shape."""
    print(f"\n| {kind}, ms | {' | '.join(tables)} | median of time / fused |")
    print("|---" * (len(tables) + 2) + "|")
    runs = list(tables.values())

    def row(name: str, cells: list[str], ratios: list[float], form: str) -> None:
        print(f"| {name} | {' | '.join(cells)} | {statistics.median(ratios):{form}} |")

    for name in runs[0]:
        cells = [f"{r[name]['median']:.1f} ± {r[name]['spread']:.1f}" for r in runs]
        row(name, cells, [r[name]["median"] / r[FUSED]["median"] for r in runs], ".2f")
    shares = [r[FLOOR]["median"] / r[FUSED]["median"] for r in runs]
    row("share of the floor", [f"{share:.0%}" for share in shares], shares, ".0%")
    sys.stdout.flush()


def main() -> None:
    parser = make_parser(__doc__, rounds=41)
    options = parser.parse_args()
    limit_cores(options.threads)
    shapes = QUICK if options.quick else SHAPES
    rounds = 3 if options.quick else options.rounds
    facts = machine(options.threads)
    print(json.dumps(facts))
    results = {}
    for kind in ("train step", "forward", "batch-1 latency"):
        chosen = [(1, *shapes[0][1:])] if kind == "batch-1 latency" else shapes
        results[kind] = {
            "·".join(map(str, shape)): measure(shape, kind == "train step", rounds)
            for shape in chosen
        }
        show(kind, results[kind])
    print(f"\nload at the end {os.getloadavg()[0]:.2f}")
    save(options.json, {"machine": facts, "figures": results})


if __name__ == "__main__":
    main()
