"""Perplexity of a `LanguageModel`, and the texts that it is measured on."""

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from rnnzoo.datasets import find_feature
from zoo_models.core.types import Json, Raw
from zoo_models.language_model.model import LanguageModel

BATCH = 1024  # texts that are in memory at once


def reader(builder: Any, settings: Json, model: LanguageModel) -> Callable[[Json], Raw]:
    """Returns a function from an example to its text."""
    text = find_feature(builder, "text", settings.get("text"))
    return lambda example: example[text]


def measure(model: LanguageModel, examples: Iterable[bytes]) -> dict[str, float]:
    """Returns the `perplexity` of texts: exp of the mean negative log-probability of a
    word among all of the vocabulary, unknown words and ends of texts included."""
    total, count = 0.0, 0
    texts = iter(examples)
    while batch := list(itertools.islice(texts, BATCH)):
        for answer in model.score(batch):
            total += answer["score"] * answer["tokens"]
            count += answer["tokens"]
    return {"perplexity": math.exp(-total / count)}
