"""Out-of-distribution inputs: random ones, and those of other data sets."""

import random
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.datasets import open_dataset


def random_letters(count: int, seed: int, longest: int = 60) -> list[bytes]:
    """Returns texts of 3 to `longest` words of 2 to 9 random letters."""
    rng = random.Random(seed)

    def word() -> str:
        return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 9)))

    return [
        " ".join(word() for _ in range(rng.randint(3, longest))).encode()
        for _ in range(count)
    ]


def noise(count: int, seed: int, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Returns images with random pixels."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, shape).astype("uint8") for _ in range(count)]


def read_examples(
    name: str, split: str, feature: str, count: int, data_dirs: Sequence[str | Path]
) -> list[Any]:
    """Returns a feature of the first examples of a TFDS set.

    Raises:
        FileNotFoundError: If it is not prepared.
    """
    return take(open_dataset(name, data_dirs), split, feature, count)


def take(builder: Any, split: str, feature: str, count: int) -> list[Any]:
    """Returns a feature of the first examples of a split."""
    examples = builder.as_dataset(split=split).take(count)
    return [example[feature] for example in examples.as_numpy_iterator()]
