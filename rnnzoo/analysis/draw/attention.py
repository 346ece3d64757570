"""What models attend to, from their answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.analysis.draw.panels import SCALE, word
from rnnzoo.analysis.draw.picture import import_figure
from rnnzoo.core.checks import check_positive


def plot_attention(answer: Mapping[str, Any], path: str | Path | None = None) -> Any:
    """Draws what a translator looked at while it wrote.

    Args:
        answer: What `Translator.generate(sentence, return_attention=True)` gave.
        path: File to write; its ending tells the format. Default: the figure is
            shown, in a notebook below the cell.

    Returns:
        The Matplotlib figure; `None` if it was written.

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
    source, target = ([word(p) for p in answer[k]] for k in ("source", "target"))
    if weights.shape != (len(target), len(source)):
        raise ValueError(
            f"The weights must have shape {(len(target), len(source))}, a row for each "
            f"target piece. Received: shape {weights.shape}"
        )
    size = 2.4 + 0.38 * len(source), 1.6 + 0.38 * len(target)
    figure = _make_figure(size, path)
    axes = figure.add_subplot()
    image = axes.imshow(weights, cmap=SCALE, vmin=0, vmax=1)
    axes.set_xticks(range(len(source)), source, rotation=60, ha="left", va="bottom")
    axes.set_yticks(range(len(target)), target)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.set(title="What was looked at for each piece", ylabel="written")
    figure.colorbar(image, label="weight", pad=0.02)
    return _finish(figure, path)


def plot_image_attention(
    answer: Mapping[str, Any],
    image: Any,
    path: str | Path | None = None,
    columns: int = 4,
) -> Any:
    """Draws where in an image a captioner looked for each word.

    Args:
        answer: What `ImageCaptioner.generate(image, return_attention=True)` gave.
        image: The image, an array of shape `(height, width)` or `(height, width, c)`
            as Matplotlib draws it. It is drawn as wide as high, as the captioner sees
            it.
        path: File to write; its ending tells the format. Default: the figure is
            shown, in a notebook below the cell.
        columns: Words in a row of the figure. Positive. Default 4.

    Returns:
        The Matplotlib figure; `None` if it was written.

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
    size = 2.0 * columns, 2.2 * rows + 0.4
    figure = _make_figure(size, path)
    figure.suptitle("Where was looked for each word, and the largest share of a place")
    extent = 0, 1, 0, 1
    for i, (name, grid) in enumerate(zip(words, weights, strict=True)):
        axes = figure.add_subplot(rows, columns, i + 1)
        axes.imshow(image, cmap="gray", extent=extent)
        axes.imshow(grid, cmap="inferno", alpha=0.55, extent=extent, vmin=0)
        axes.set_title(f"{name}  ≤ {grid.max():.0%}")
        axes.set_axis_off()
    return _finish(figure, path)


def _make_figure(size: tuple[float, float], path: str | Path | None) -> Any:
    """An empty figure: one that can be shown if there is no file to write."""
    figure_class = import_figure()
    if path is None:
        from matplotlib import pyplot
    settings: dict[str, Any] = {"figsize": size, "layout": "constrained"}
    return pyplot.figure(**settings) if path is None else figure_class(**settings)


def _finish(figure: Any, path: str | Path | None) -> Any:
    """Writes the figure, or shows and returns it."""
    if path is not None:
        figure.savefig(path, dpi=120)
        return None
    from matplotlib import pyplot

    pyplot.show()
    return figure
