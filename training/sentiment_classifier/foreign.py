"""Out-of-distribution texts for classifiers of reviews."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rnnzoo.datasets import open_dataset
from training.core.made_up import random_letters, read_examples
from training.sentiment_classifier.sentences import split_by_sentence

CAPTIONS = 6  # put together to a text


def read_second_validation(
    recipe: dict[str, Any], data_dirs: Sequence[str | Path]
) -> list[Any]:
    """Returns the held-out sentences of a run's second data set, if it has one."""
    if not recipe.get("second_dataset"):
        return []
    builder = open_dataset(recipe["second_dataset"], data_dirs)
    examples = builder.as_dataset(split="train").as_numpy_iterator()
    texts = [example[recipe["second_text"]] for example in examples]
    _, held_out = split_by_sentence(texts, recipe["validation_fraction"], seed=0)
    return [texts[i] for i in held_out]


def kinds(
    model: Any, builder: Any, data_dirs: Sequence[str | Path]
) -> dict[str, Callable[[int], list[Any]]]:
    """Returns makers of out-of-distribution inputs by kind."""

    def prose(count: int) -> list[bytes]:
        captions = read_examples(
            "multi30k/en_de", "train", "en", CAPTIONS * count, data_dirs
        )
        starts = range(0, len(captions), CAPTIONS)
        return [b" ".join(captions[i : i + CAPTIONS]) for i in starts]

    def german(count: int) -> list[bytes]:
        return read_examples("multi30k/en_de", "train", "de", count, data_dirs)

    return {
        "sentences in German": german,
        "random letters": lambda count: random_letters(count, seed=0),
        "descriptions of photographs, six together": prose,
        "empty texts": lambda count: [b"", b" ", b"\n"],
    }
