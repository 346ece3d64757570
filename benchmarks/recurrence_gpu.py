"""Times the fused Elman on an accelerator: Keras layers on JAX, and torch.nn.RNN.

    KERAS_BACKEND=jax python -m benchmarks.recurrence_gpu --json out.json
    KERAS_BACKEND=jax python -m benchmarks.recurrence_gpu --quick    does it run?

Each row is a train step, compiled as a whole: the gradients of all weights and of the
inputs. Rounds are interleaved; a figure is the median in ms over the rounds, and behind
it half the distance between the quartiles. PyTorch uses cuDNN where it finds it. On a
machine without an accelerator the same code runs on the CPU, which the first line says.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable

from benchmarks.recurrence import QUICK, SHAPES, Shape, make_data, show
from benchmarks.report import FUSED


def keras_contenders(shape: Shape, data: dict) -> dict[str, Callable]:
    import jax
    import keras
    from jax import numpy as jnp

    from rnnzoo.layers import Elman

    units, contenders = shape[3], {}
    x, g = jnp.asarray(data["x"]), jnp.asarray(data["g"])
    layers = {
        "keras SimpleRNN": keras.layers.SimpleRNN(units, return_sequences=True),
        "keras LSTM": keras.layers.LSTM(units, return_sequences=True),
        "keras GRU": keras.layers.GRU(units, return_sequences=True),
        FUSED: Elman(units, return_sequences=True, fused=True),
    }

    def runner(layer: keras.layers.Layer) -> Callable:
        layer.build(x.shape)
        weights = [w.value for w in layer.trainable_variables]
        others = [w.value for w in layer.non_trainable_variables]

        def run(x, weights):
            return layer.stateless_call(weights, others, x, training=True)[0]

        @jax.jit
        def train_step(x, weights, g):
            return jax.vjp(run, x, weights)[1](g)

        return lambda: jax.block_until_ready(train_step(x, weights, g))

    for name, layer in layers.items():
        contenders[name] = runner(layer)
    return contenders


def torch_contenders(shape: Shape, data: dict) -> dict[str, Callable]:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    layer = torch.nn.RNN(shape[2], shape[3], batch_first=True).to(device)
    x = torch.tensor(data["x"], device=device, requires_grad=True)
    g = torch.tensor(data["g"], device=device)

    def train_step():
        wanted = [x, *layer.parameters()]
        gradients = torch.autograd.grad(layer(x)[0], wanted, grad_outputs=g)
        if device == "cuda":
            torch.cuda.synchronize()
        return gradients

    return {"torch.nn.RNN": train_step}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small shapes, few rounds")
    parser.add_argument("--rounds", type=int, default=30, help="default: 30")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    options = parser.parse_args()
    if os.environ.setdefault("KERAS_BACKEND", "jax") != "jax":
        parser.error("it runs on JAX: set KERAS_BACKEND=jax")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # torch's share
    import jax

    device = jax.devices()[0].device_kind
    print(f"device: {device}")
    runs = []
    for shape in QUICK if options.quick else SHAPES:
        data = make_data(shape)
        contenders = keras_contenders(shape, data)
        try:
            contenders |= torch_contenders(shape, data)
        except ImportError:
            print("left out: torch is not installed")
        samples: dict[str, list[float]] = {name: [] for name in contenders}
        for run in contenders.values():
            run(), run()
        for _ in range(3 if options.quick else options.rounds):
            for name in random.sample(list(contenders), len(contenders)):
                start = time.perf_counter()
                contenders[name]()
                samples[name].append(1000 * (time.perf_counter() - start))
        figures = {}
        for name, values in samples.items():
            low, median, high = statistics.quantiles(values, n=4)
            figures[name] = {"median": median, "spread": (high - low) / 2}
        title = "·".join(map(str, shape))
        show(f"train step, batch·time·inputs·units {title}", figures)
        runs.append({"title": title, "shape": shape, "figures": figures})
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"device": device, "runs": runs}, file, indent=1)


if __name__ == "__main__":
    main()
