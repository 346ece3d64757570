"""Perplexity of a `LanguageModel`, and the texts that it is measured on."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from rnnzoo.datasets import find_feature
from zoo_models.core.types import Json
from zoo_models.language_model.model import LanguageModel

BATCH = 1024  # texts that are in memory at once


def reader(builder: Any, settings: Json, model: LanguageModel) -> Callable[[Any], Any]:
    """A function from an example of a data set to its text.

    Args:
        builder: The TFDS builder.
        settings: Name of the feature `text`, where needed.
        model: The language model.
    """
    text = find_feature(builder, "text", settings.get("text"))
    return lambda example: example[text]


def measure(model: LanguageModel, examples: Iterable[bytes]) -> dict[str, float]:
    """The perplexity of texts: exp of the mean negative log-probability of a word
    among all of the vocabulary, with unknown words and ends of texts counted.

    Returns:
        `perplexity`, from 1 to the size of the vocabulary and beyond; lower is better.
    """
    total, count = 0.0, 0
    batch: list[bytes] = []

    def settle() -> None:
        nonlocal total, count
        for answer in model.score(batch):
            total += answer["score"] * answer["tokens"]
            count += answer["tokens"]
        batch.clear()

    for text in examples:
        batch.append(text)
        if len(batch) == BATCH:
            settle()
    if batch:
        settle()
    return {"perplexity": math.exp(-total / count)}
