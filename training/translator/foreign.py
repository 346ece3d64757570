"""Out-of-distribution sentences for translators."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rnnzoo.datasets import find_pair
from training.core.made_up import random_letters, read_examples, take

LETTERS = 120  # of a review, at most


def kinds(
    model: Any, builder: Any, data_dirs: Sequence[str | Path]
) -> dict[str, Callable[[int], list[Any]]]:
    """Returns makers of out-of-distribution inputs by kind."""
    _, target = find_pair(builder, None, None)

    def reviews(count: int) -> list[bytes]:
        texts = read_examples("imdb_reviews", "train", "text", count, data_dirs)
        return [text[:LETTERS].rpartition(b" ")[0] for text in texts]

    def translations(count: int) -> list[bytes]:
        texts = take(builder, "train", target, count)
        # A sentence may have several translations.
        return [text if isinstance(text, bytes) else text[0] for text in texts]

    return {
        f"sentences in the other language ({target})": translations,
        "random letters": lambda count: random_letters(count, seed=0, longest=12),
        "beginnings of film reviews": reviews,
    }
