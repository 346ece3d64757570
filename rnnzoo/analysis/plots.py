"""Figures, drawn with Matplotlib."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.checks import check_positive

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
    figure_class = _import_figure()
    size = 1.6 + 0.38 * len(source), 1.2 + 0.38 * len(target)
    figure = figure_class(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(source)), source, rotation=60, ha="left", va="bottom")
    axes.set_yticks(range(len(target)), target)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False)
    figure.savefig(path, dpi=120)


def plot_image_attention(
    answer: Mapping[str, Any], image: Any, path: str | Path, columns: int = 4
) -> None:
    """Draws where in an image a captioner looked for each word.

    Args:
        answer: What `ImageCaptioner.generate(image, return_attention=True)` gave.
        image: The image, an array of shape `(height, width)` or `(height, width, c)`
            as Matplotlib draws it. It is drawn as wide as high, as the captioner sees
            it.
        path: File to write; its ending tells the format.
        columns: Words in a row of the figure. Positive. Default 4.

    Raises:
        ImportError: Without the extra `plots`.
        ValueError: If the weights do not fit the words.

    Example:

    ```python
    import numpy as np
    from rnnzoo.analysis import plot_image_attention

    answer = {"attention": np.full((2, 7, 7), 1 / 49), "words": ["dog", "[END]"]}
    plot_image_attention(answer, np.zeros((224, 224, 3), "uint8"), "attention.png")
    ```
    """
    weights, words = np.asarray(answer["attention"]), list(answer["words"])
    if weights.ndim != 3 or len(weights) != len(words):
        raise ValueError(
            f"The weights must have shape ({len(words)}, rows, columns), a grid for "
            f"each word. Received: shape {weights.shape}"
        )
    columns = check_positive("columns", columns)
    rows = -(-len(words) // columns)
    size = 2.0 * columns, 2.2 * rows
    figure = _import_figure()(figsize=size, layout="constrained")
    extent = 0, 1, 0, 1
    for i, (word, grid) in enumerate(zip(words, weights, strict=True)):
        axes = figure.add_subplot(rows, columns, i + 1)
        axes.imshow(image, cmap="gray", extent=extent)
        axes.imshow(grid, cmap="inferno", alpha=0.55, extent=extent, vmin=0)
        axes.set_title(str(word))
        axes.set_axis_off()
    figure.savefig(path, dpi=120)


def _import_figure() -> Any:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ImportError(
            "Drawing needs Matplotlib: pip install 'rnnzoo[plots]'"
        ) from error
    return Figure


def _word(piece: str) -> str:
    """A piece as a reader knows it: a hyphen where it goes on a word."""
    is_start = piece.startswith((SPACE, "[")) or not piece[:1].isalnum()
    return piece.removeprefix(SPACE) if is_start else f"-{piece}"
