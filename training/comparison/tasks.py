"""Problems that ask a recurrent network to remember over a known number of steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.checks import check_positive
from rnnzoo.datasets import open_dataset

SYMBOLS = 8  # that may have to be copied
COPIED = 5  # of them, in a sequence
SIDE = 14  # of the images, after their halving
Examples = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Task:
    """A problem of one length.

    Attributes:
        name: What it is called in tables.
        length: Steps over which something must be remembered.
        outputs: Numbers that the network gives, for each of its answers.
        answers: How many of the last states an answer is read off.
        chance: Score of a network that remembers nothing.
        draw: Gives inputs, `(count, time, features)`, and targets for a generator of
            random numbers and a count.
        test: As `draw`, of examples that are never trained on.
        is_regression: Whether the target is a number rather than a class.
    """

    name: str
    length: int
    outputs: int
    answers: int
    chance: float
    draw: Callable[[np.random.Generator, int], Examples]
    test: Callable[[np.random.Generator, int], Examples]
    is_regression: bool = False

    @property
    def key(self) -> str:
        """Name and length, as files and options have them."""
        return f"{self.name}-{self.length}"


def copy_task(length: int) -> Task:
    """Five symbols, a pause of `length` steps, a mark: say them again, in order.

    The score is the share of symbols that come back right; chance is 1 in 8.

    References:
        - Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997.
        - Arjovsky, Shah and Bengio, "Unitary Evolution Recurrent Neural Networks",
          2016.
    """
    check_positive("length", length)

    def draw(random: np.random.Generator, count: int) -> Examples:
        symbols = random.integers(SYMBOLS, size=(count, COPIED))
        ids = np.full((count, 2 * COPIED + length), SYMBOLS)
        ids[:, :COPIED] = symbols
        ids[:, -COPIED] = SYMBOLS + 1  # the mark
        return np.eye(SYMBOLS + 2, dtype="float32")[ids], symbols.astype("int32")

    return Task("copy", length, SYMBOLS, COPIED, 1 / SYMBOLS, draw, draw)


def adding_task(length: int) -> Task:
    """`length` numbers from 0 to 1, of which two are marked: what is their sum?

    One mark lies in the first half, one in the second. The score is the share of the
    sum's variance that is explained; chance is 0.

    References:
        - Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997.
        - Le, Jaitly and Hinton, "A Simple Way to Initialize Recurrent Networks of
          Rectified Linear Units", 2015.
    """
    check_positive("length", length, minimum=2)

    def draw(random: np.random.Generator, count: int) -> Examples:
        numbers = random.random((count, length), "float32")
        marks = np.zeros_like(numbers)
        rows, half = np.arange(count), length // 2
        marks[rows, random.integers(half, size=count)] = 1
        marks[rows, random.integers(half, length, size=count)] = 1
        sums = (numbers * marks).sum(axis=1, keepdims=True)
        return np.stack([numbers, marks], axis=-1), sums

    return Task("adding", length, 1, 1, 0.0, draw, draw, is_regression=True)


def digits_task(data_dirs: Sequence[str | Path] = ()) -> Task:
    """A digit of MNIST, halved to 14 × 14, pixel by pixel: which is it?

    The score is the accuracy on the test split.

    Args:
        data_dirs: Folders of prepared TFDS sets.

    References:
        - Le, Jaitly and Hinton, 2015: pixel by pixel, on 28 × 28.
    """
    builder = open_dataset("mnist", data_dirs)
    splits = {split: _read_digits(builder, split) for split in ("train", "test")}

    def draw(random: np.random.Generator, count: int) -> Examples:
        pixels, labels = splits["train"]
        chosen = random.integers(len(labels), size=count)
        return pixels[chosen], labels[chosen]

    def test(random: np.random.Generator, count: int) -> Examples:
        pixels, labels = splits["test"]
        return pixels, labels

    return Task("digits", SIDE * SIDE, 10, 1, 0.1, draw, test)


def _read_digits(builder: Any, split: str) -> Examples:
    batches = builder.as_dataset(split=split, batch_size=10_000).as_numpy_iterator()
    images, labels = zip(*((b["image"], b["label"]) for b in batches), strict=True)
    pixels = np.concatenate(images).astype("float32") / 255
    pixels = pixels.reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4))
    return pixels.reshape(-1, SIDE * SIDE, 1), np.concatenate(labels).astype("int32")
