"""What explains one answer of a model: measured parts, in the order of a picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.analysis.draw.picture import Picture, plot
from rnnzoo.analysis.measure.evidence import Evidence
from rnnzoo.analysis.records import record


@dataclass(frozen=True)
class Attention:
    """What was looked at for each piece that was written.

    Attributes:
        values: Weights, `(target, source)`, whose rows have the sum 1.
        target: The pieces that were written.
        source: The pieces that were read.
    """

    values: np.ndarray
    target: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True)
class ImageAttention:
    """Where in an image was looked for each word that was written.

    Attributes:
        values: Weights, `(words, rows, columns)`, each grid of which has the sum 1.
        words: The words.
        image: The image, `(height, width)` or `(height, width, 3)`, from 0 to 1.
    """

    values: np.ndarray
    words: tuple[str, ...]
    image: np.ndarray


@dataclass(frozen=True)
class Image:
    """An image, and what each of its pixels says for the answer.

    Attributes:
        image: `(height, width)` or `(height, width, 3)`, from 0 to 1.
        attributions: `(height, width)`, in nats of log-odds.
        answer: The answer in words.
    """

    image: np.ndarray
    attributions: np.ndarray
    answer: str


@dataclass(frozen=True)
class Explanation:
    """What explains an answer; shows itself in a notebook.

    Attributes:
        title: What was asked of which model.
        answer: What it answered, in words.
        parts: What was measured, the most telling first.
    """

    title: str
    answer: str
    parts: tuple[Any, ...]

    def plot(self, path: Any = None) -> Picture:
        """Draws it: see `rnnzoo.analysis.plot`."""
        return plot(*self.parts, title=f"{self.title}: {self.answer}", path=path)

    def record(self) -> dict[str, Any]:
        """As values that JSON has: see `rnnzoo.analysis.record`."""
        return record(self)

    def lines(self) -> list[str]:
        """A few lines of text on it: the steps that say most, where there are such."""
        return [
            f"{evidence.attributions[i]:+.3f}  {evidence.tokens[i]}"
            for evidence in self.parts
            if isinstance(evidence, Evidence)
            for i in evidence.strongest(8)
        ]

    def _repr_png_(self) -> bytes:
        return self.plot().png()
