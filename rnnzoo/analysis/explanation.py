"""The explanation of one answer: measurements in the order of a picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.analysis.draw.picture import Picture, plot
from rnnzoo.analysis.measure.evidence import Evidence
from rnnzoo.analysis.records import record


@dataclass(frozen=True)
class Attention:
    """Attention weights of each target piece over the source pieces.

    Attributes:
        values: Weights, `(target, source)`; each row sums to 1.
        target: Target pieces.
        source: Source pieces.
    """

    values: np.ndarray
    target: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True)
class ImageAttention:
    """Attention weights of each word over an image.

    Attributes:
        values: Weights, `(words, rows, columns)`; each grid sums to 1.
        words: The words.
        image: The image, `(height, width)` or `(height, width, 3)`, from 0 to 1.
    """

    values: np.ndarray
    words: tuple[str, ...]
    image: np.ndarray


@dataclass(frozen=True)
class Image:
    """An image and the attribution of each pixel.

    Attributes:
        image: `(height, width)` or `(height, width, 3)`, from 0 to 1.
        attributions: `(height, width)`, in nats of log-odds.
        answer: The answer as text.
    """

    image: np.ndarray
    attributions: np.ndarray
    answer: str


@dataclass(frozen=True)
class Explanation:
    """The explanation of an answer, which a notebook shows.

    Attributes:
        title: Name of the model.
        answer: The answer as text.
        parts: Measurements, the most important first.
    """

    title: str
    answer: str
    parts: tuple[Any, ...]

    def plot(self, path: Any = None) -> Picture:
        """Draws the explanation: see `rnnzoo.analysis.plot`."""
        return plot(*self.parts, title=f"{self.title}: {self.answer}", path=path)

    def record(self) -> dict[str, Any]:
        """Returns values for JSON: see `rnnzoo.analysis.record`."""
        return record(self)

    def lines(self) -> list[str]:
        """Returns a line of text for each of the strongest steps."""
        return [
            f"{evidence.attributions[i]:+.3f}  {evidence.tokens[i]}"
            for evidence in self.parts
            if isinstance(evidence, Evidence)
            for i in evidence.strongest(8)
        ]

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()
