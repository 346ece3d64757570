"""A picture of what was measured: PNG, SVG or in a notebook."""

import io
from pathlib import Path
from typing import Any

from rnnzoo.analysis.draw import panels

WIDTH = 10.0  # inches


class Picture:
    """A figure that saves itself and shows itself in a notebook.

    Args:
        figure: A `matplotlib.figure.Figure`.
    """

    def __init__(self, figure: Any):
        self.figure = figure

    def save(self, path: str | Path) -> None:
        """Writes it; the ending of the path, such as `.png` or `.svg`, tells the
        format."""
        self.figure.savefig(path, dpi=110)

    def png(self) -> bytes:
        """The bytes of a PNG file."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=110)
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()


def plot(*parts: Any, title: str = "", path: str | Path | None = None) -> Picture:
    """Draws what was measured, one part below the other.

    Colours are told apart without colour vision: there is one scale, from dark to
    bright, and bars for and against differ in side and hatching. Each part has a
    title and units.

    Args:
        *parts: What `rnnzoo.analysis` measures, such as `States`, `Evidence`,
            `GradientMap` or `GradientThroughTime`.
        title: Title of the whole. Default: none.
        path: File to write; its ending tells the format. Default: none.

    Returns:
        The picture, which a notebook shows.

    Raises:
        ImportError: Without the extra `plots`.
        TypeError: If a part is of a kind that is not drawn.
        ValueError: If there is no part, or one is empty.

    Example:

    ```python
    import numpy as np
    from rnnzoo.analysis import Recurrence, States, plot

    memory = Recurrence(np.eye(3), 0.9 * np.eye(3), np.zeros(3), "tanh")
    plot(States.of(memory, np.eye(3)), path="states.svg")
    ```
    """
    if not parts:
        raise ValueError("There must be a part to draw. Received: none")
    drawers = [panels.find_panel(part) for part in parts]
    figure_class = import_figure()
    heights = [panel.height(part) for panel, part in zip(drawers, parts, strict=True)]
    width = max(panel.width(part) for panel, part in zip(drawers, parts, strict=True))
    figure = figure_class(
        figsize=(max(width, WIDTH), sum(heights) + (0.5 if title else 0.1)),
        layout="constrained",
    )
    if title:
        figure.suptitle(panels.shorten(title, 110))
    figures = figure.subfigures(len(parts), 1, height_ratios=heights, squeeze=False)
    for place, panel, part in zip(figures[:, 0], drawers, parts, strict=True):
        panel.draw(place, part)
    picture = Picture(figure)
    if path is not None:
        picture.save(path)
    return picture


def import_figure() -> Any:
    """The class of Matplotlib's figures, or an `ImportError` with the remedy."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ImportError(
            "Drawing needs Matplotlib: pip install 'rnnzoo[plots]'"
        ) from error
    return Figure
