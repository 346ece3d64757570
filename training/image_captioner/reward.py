"""The reward of a generated caption: CIDEr-D on token ids."""

from collections.abc import Sequence

import numpy as np

from rnnzoo.metrics.cider import CiderD, count_ngrams

OTHERS = 3  # images, to which a caption should not fit


class CaptionReward:
    """CIDEr-D of captions in ids, against those that people wrote.

    As `rnnzoo.metrics.caption_metrics` computes it, but the end counts as a word: a
    caption that breaks off in the middle is then not rewarded.

    What would do as well for other images says little of this one. With `variety`, the
    mean of the CIDEr-D that a caption has for three others of the batch is taken off.

    Args:
        references: For each image its captions, rows of ids with the end token and
            without the start.
        variety: How much of that is taken off. Default 0.

    Call arguments:
        token_ids: `(batch, captions, time)`, 0 after the end token.
        numbers: Numbers of the images, `(batch,)`.

    Returns:
        Float32 array of shape `(batch, captions)`, at most 10.

    References:
        - Luo et al., "Discriminability Objective for Training Descriptive Captions",
          2018: a caption should fit its image better than others.
    """

    def __init__(
        self,
        references: Sequence[Sequence[np.ndarray]],
        variety: float = 0.0,
    ):
        counts = [[count_ngrams(row.tolist()) for row in rows] for rows in references]
        # Of a single image, too, something is rewarded.
        self.cider = CiderD(counts, num_images=max(len(references), 2))
        self.variety = variety

    def __call__(self, token_ids: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        rewards = np.zeros(token_ids.shape[:2], "float32")
        for i, number in enumerate(numbers.tolist()):
            others = np.roll(numbers, -1 - i)[:OTHERS]  # those that come next
            others = others[others != number] if self.variety else others[:0]
            for j, row in enumerate(token_ids[i]):
                counts = count_ngrams(row[row != 0].tolist())
                own, *rest = self.cider.score_all(counts, [number, *others.tolist()])
                rewards[i, j] = own - (self.variety * np.mean(rest) if rest else 0.0)
        return rewards
