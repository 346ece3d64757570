"""Does the input keep up? Steps a second from memory against the real pipeline.

    python -m benchmarks.pipeline

Both train the same network on batches of the same shapes. From memory means that the
batches of the round lie ready as tensors; the pipeline picks, pads and prefetches them
as every training script does. Rounds take turns, so that other work on the machine
falls on both. Made-up examples: IMDB's sizes, and MNIST's.
"""

import time
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from rnnzoo import SentimentClassifier
from rnnzoo.layers import Elman
from training.core.batches import Batches
from training.core.optimizers import make_optimizer
from training.core.steps import Steps
from training.sentiment_classifier.data import to_batches
from training.train_sentiment import Config

ROUNDS = 9


def make_texts() -> tuple[keras.Model, Batches]:
    """Reviews of words and pairs, long ones and short ones."""
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(5.4, 0.6, 2_000), 20, 400).astype(int)
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


def measure(model: keras.Model, batches: Batches) -> np.ndarray:
    """Seconds on the clock and of the processor, a row for each round.

    Returns:
        Array of shape `(rounds, 2, 2)`: from memory and through the pipeline, clock
        and processor.
    """
    loss = keras.losses.CategoricalCrossentropy()
    stepper = Steps(model, make_optimizer(Config(), 1e-3), loss, [], None, batches)

    steps = len(batches)  # as many of each length in every epoch

    def run(source: Iterator[Any]) -> tuple[float, float]:
        clock, processor = time.perf_counter(), time.process_time()
        for _ in range(steps):
            stepper.train(next(source))
        return time.perf_counter() - clock, time.process_time() - processor

    stream = iter(batches.stream())
    for _ in range(steps):  # every length is met, and compiled, once
        stepper.train(next(stream))
    rounds = []
    for number in range(ROUNDS):
        ready = list(batches.stream(number).take(steps))
        rounds.append((run(iter(ready)), run(stream)))
    return np.array(rounds)


def main() -> None:
    """Measures and prints a table."""
    print("| examples | from memory, steps/s | pipeline, steps/s | time | CPU time |")
    print("|---|---|---|---|---|")
    for name, make in (("texts", make_texts), ("images", make_images)):
        model, batches = make()
        rounds = measure(model, batches)
        memory, pipeline = len(batches) / np.median(rounds[:, :, 0], axis=0)
        # Of each round by itself: the machine may be slower in the next.
        clock, processor = np.median(rounds[:, 1] / rounds[:, 0], axis=0) - 1
        print(
            f"| {name} | {memory:.1f} | {pipeline:.1f} | {clock:+.1%} "
            f"| {processor:+.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
