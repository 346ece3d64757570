"""Out-of-distribution texts for language models of English."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from training.core.made_up import random_letters, read_examples


def kinds(
    model: Any, builder: Any, data_dirs: Sequence[str | Path]
) -> dict[str, Callable[[int], list[Any]]]:
    """Returns makers of out-of-distribution inputs by kind."""

    def german(count: int) -> list[bytes]:
        return read_examples("multi30k/en_de", "train", "de", count, data_dirs)

    def french(count: int) -> list[bytes]:
        return read_examples("multi30k/en_fr", "train", "fr", count, data_dirs)

    return {
        "sentences in German": german,
        "sentences in French": french,
        "random letters": lambda count: random_letters(count, seed=0),
    }
