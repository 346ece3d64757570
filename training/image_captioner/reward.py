"""How good a caption is that a model wrote: CIDEr-D on ids of words."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

MAX_ORDER = 4
SIGMA = 6.0  # of the penalty on lengths
SCALE = 10.0

Grams = dict[tuple[int, ...], float]


class CaptionReward:
    """CIDEr-D of captions in ids, against those that people wrote.

    As `rnnzoo.metrics.caption_metrics` computes it, but the end counts as a word: a
    caption that breaks off in the middle is then not rewarded.

    Args:
        references: For each image its captions, rows of ids with the end token and
            without the start.

    Call arguments:
        token_ids: `(batch, captions, time)`, 0 after the end token.
        numbers: Numbers of the images, `(batch,)`.

    Returns:
        Float32 array of shape `(batch, captions)`, from 0 to 10.

    References:
        - Vedantam et al., "CIDEr: Consensus-based Image Description Evaluation",
          2015.
    """

    def __init__(self, references: Sequence[Sequence[np.ndarray]]):
        counts = [[count_grams(row) for row in rows] for rows in references]
        documents = Counter(g for rows in counts for g in set().union(*rows))
        self.unseen = math.log(max(len(references), 2))
        self.telling = {g: self.unseen - math.log(n) for g, n in documents.items()}
        self.references = [[self._weigh(row) for row in rows] for rows in counts]

    def __call__(self, token_ids: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        rewards = np.zeros(token_ids.shape[:2], "float32")
        for i, number in enumerate(numbers.tolist()):
            for j, row in enumerate(token_ids[i]):
                rewards[i, j] = self.score(row[row != 0], number)
        return rewards

    def score(self, row: np.ndarray, number: int) -> float:
        """CIDEr-D of one caption of an image."""
        grams, norms, length = self._weigh(count_grams(row))
        references = self.references[number]
        total = 0.0
        for true_grams, true_norms, true_length in references:
            products = [0.0] * MAX_ORDER
            for gram, weight in grams.items():
                true = true_grams.get(gram)
                if true is not None:
                    products[len(gram) - 1] += min(weight, true) * true
            penalty = math.exp(-((length - true_length) ** 2) / (2 * SIGMA**2))
            total += penalty * sum(
                product / (norm * true_norm)
                for product, norm, true_norm in zip(
                    products, norms, true_norms, strict=True
                )
                if product
            )
        return SCALE * total / (MAX_ORDER * len(references))

    def _weigh(
        self, counts: Counter[tuple[int, ...]]
    ) -> tuple[Grams, list[float], int]:
        """The weight of each sequence, the norm for each of their lengths, and the
        number of words."""
        grams = {g: n * self.telling.get(g, self.unseen) for g, n in counts.items()}
        squares = [0.0] * MAX_ORDER
        for gram, weight in grams.items():
            squares[len(gram) - 1] += weight**2
        length = sum(n for gram, n in counts.items() if len(gram) == 1)
        return grams, [math.sqrt(square) for square in squares], length


def count_grams(row: np.ndarray) -> Counter[tuple[int, ...]]:
    """How often each sequence of one to four ids occurs."""
    ids = row.tolist()
    shifted = [ids[i:] for i in range(MAX_ORDER)]
    return Counter(
        gram
        for order in range(1, MAX_ORDER + 1)
        for gram in zip(*shifted[:order], strict=False)
    )
