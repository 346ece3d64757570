"""Does the input keep up? Steps a second from memory against the real pipeline.

    python -m benchmarks.pipeline

Both train the same network on batches of the same shapes. From memory means that the
batches of the round lie ready as tensors; the pipeline picks, pads and prefetches them
as every training script does. Rounds take turns, so that other work on the machine
falls on both. Made-up examples: IMDB's sizes, and MNIST's.
"""

import statistics
import time
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from rnnzoo import SentimentClassifier
from rnnzoo.layers import Elman
from training.batches import Batches
from training.optimizers import make_optimizer
from training.steps import Steps
from training.text_data import to_batches
from training.train_sentiment import Config

ROUNDS = 7


def make_texts() -> tuple[keras.Model, Batches]:
    """Reviews of words and pairs, long ones and short ones."""
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(5.4, 0.6, 4_000), 20, 400).astype(int)
    rows = [rng.integers(4, 20_000, (n, 2), "int32") for n in lengths]
    targets = np.eye(2, dtype="float32")[rng.integers(0, 2, len(rows))]
    model = SentimentClassifier(20_000, 36_000, embedding_dim=64, units=64)
    return model, to_batches(rows, targets, 400, 64, seed=1)


def make_images() -> tuple[keras.Model, Batches]:
    """Images of 28 rows of 28 pixels, read row by row."""
    rng = np.random.default_rng(0)
    images = rng.random((20_000, 28, 28), "float32")
    targets = np.eye(10, dtype="float32")[rng.integers(0, 10, len(images))]
    inputs = keras.Input((28, 28))
    states = Elman(128)(inputs)
    outputs = keras.layers.Dense(10, activation="softmax")(states)
    return keras.Model(inputs, outputs), Batches((images, targets), 128, seed=1)


def measure(model: keras.Model, batches: Batches, steps: int) -> tuple[float, float]:
    """Median steps a second, from memory and through the pipeline."""
    loss = keras.losses.CategoricalCrossentropy()
    stepper = Steps(model, make_optimizer(Config(), 1e-3), loss, [], None, batches)

    def run(source: Iterator[Any]) -> float:
        start = time.perf_counter()
        for _ in range(steps):
            stepper.train(next(source))
        return steps / (time.perf_counter() - start)

    stream = iter(batches.stream())
    for _ in range(len(batches)):  # every length is met, and compiled, once
        stepper.train(next(stream))
    rates: dict[str, list[float]] = {"memory": [], "pipeline": []}
    for number in range(ROUNDS):
        ready = list(batches.stream(number).take(steps))
        rates["memory"].append(run(iter(ready)))
        rates["pipeline"].append(run(stream))
    return statistics.median(rates["memory"]), statistics.median(rates["pipeline"])


def main() -> None:
    """Measures and prints a table."""
    print("| examples | from memory, steps/s | pipeline, steps/s | difference |")
    print("|---|---|---|---|")
    for name, make, steps in (("texts", make_texts, 30), ("images", make_images, 300)):
        memory, pipeline = measure(*make(), steps)
        share = pipeline / memory - 1
        print(f"| {name} | {memory:.1f} | {pipeline:.1f} | {share:+.1%} |")


if __name__ == "__main__":
    main()
