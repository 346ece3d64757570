"""Figures, drawn with Matplotlib."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

SPACE = "▁"  # stands for the space before a piece


def plot_attention(answer: Mapping[str, Any], path: str | Path) -> None:
    """Draws what a translator looked at while it wrote.

    Args:
        answer: What `Translator.generate(sentence, return_attention=True)` gave.
        path: File to write; its ending tells the format.

    Raises:
        ImportError: Without the extra `plots`.
        ValueError: If the weights do not fit the pieces.

    Example:

    ```python
    import numpy as np
    from rnnzoo.analysis import plot_attention

    answer = {
        "attention": np.array([[0.9, 0.1], [0.2, 0.8]]),
        "source": ["▁dog", "."],
        "target": ["▁Hund", "."],
    }
    plot_attention(answer, "attention.png")
    ```
    """
    weights = np.asarray(answer["attention"])
    source, target = ([_word(p) for p in answer[k]] for k in ("source", "target"))
    if weights.shape != (len(target), len(source)):
        raise ValueError(
            f"The weights must have shape {(len(target), len(source))}, a row for each "
            f"target piece. Received: shape {weights.shape}"
        )
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ImportError(
            "Drawing needs Matplotlib: pip install 'rnnzoo[plots]'"
        ) from error
    size = 1.6 + 0.38 * len(source), 1.2 + 0.38 * len(target)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(source)), source, rotation=60, ha="left", va="bottom")
    axes.set_yticks(range(len(target)), target)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False)
    figure.savefig(path, dpi=120)


def _word(piece: str) -> str:
    """A piece as a reader knows it: a hyphen where it goes on a word."""
    is_start = piece.startswith((SPACE, "[")) or not piece[:1].isalnum()
    return piece.removeprefix(SPACE) if is_start else f"-{piece}"
