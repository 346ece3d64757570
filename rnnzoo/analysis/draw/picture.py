"""Pictures of measurements: PNG, SVG or in a notebook."""

import io
from pathlib import Path
from typing import Any

from rnnzoo.analysis.draw.panels import find_panel, shorten

WIDTH = 10.0  # inches


class Picture:
    """A figure that a notebook shows.

    Args:
        figure: A `matplotlib.figure.Figure`.
    """

    def __init__(self, figure: Any):
        self.figure = figure

    def save(self, path: Any) -> None:
        """Writes the figure to a file, or to a binary stream as PNG."""
        self.figure.savefig(path, dpi=110)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.save(buffer)
        return buffer.getvalue()


def plot(*parts: Any, title: str = "", path: str | Path | None = None) -> Picture:
    """Draws measurements, one below the other.

    The one colour scale runs from dark to bright, and bars for and against differ in
    side and hatching, so that pictures are read without colour vision. Each part has
    a title and units.

    Args:
        *parts: Measurements of `rnnzoo.analysis`, such as `States`, `Evidence`,
            `GradientMap` or `GradientThroughTime`.
        title: Title of the picture. Default: none.
        path: File to write; its suffix, such as `.png` or `.svg`, sets the format.
            Default: none.

    Returns:
        The picture, which a notebook shows.

    Raises:
        ImportError: Without the extra `plots`.
        TypeError: If a part is not a measurement that can be drawn.
        ValueError: If there is no part, or one is empty.

    Example:

    ```python
    import numpy as np
    from rnnzoo.analysis import Recurrence, States, plot

    recurrence = Recurrence(np.eye(3), 0.9 * np.eye(3), np.zeros(3), "tanh")
    plot(States.of(recurrence, np.eye(3)), path="states.svg")
    ```
    """
    if not parts:
        raise ValueError("There must be a part to draw. Received: none")
    panels = [find_panel(part) for part in parts]
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ImportError(
            "Drawing needs Matplotlib: pip install 'rnnzoo[plots]'"
        ) from error
    heights = [height(part) for (_, height), part in zip(panels, parts, strict=True)]
    figure = Figure(
        figsize=(WIDTH, sum(heights) + (0.5 if title else 0.1)), layout="constrained"
    )
    if title:
        figure.suptitle(shorten(title, 110))
    figures = figure.subfigures(len(parts), 1, height_ratios=heights, squeeze=False)
    for place, (draw, _), part in zip(figures[:, 0], panels, parts, strict=True):
        draw(place, part)
    picture = Picture(figure)
    if path is not None:
        picture.save(path)
    return picture
