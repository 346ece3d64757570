"""How good a caption is that a model wrote: CIDEr-D on ids of words."""

from collections.abc import Sequence

import numpy as np

from rnnzoo.metrics.cider import CiderD
from rnnzoo.metrics.ngrams import count_ngrams


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
    """

    def __init__(self, references: Sequence[Sequence[np.ndarray]]):
        counts = [[count_ngrams(row.tolist()) for row in rows] for rows in references]
        # Of a single image, too, something is rewarded.
        self.cider = CiderD(counts, num_images=max(len(references), 2))

    def __call__(self, token_ids: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        rewards = np.zeros(token_ids.shape[:2], "float32")
        for i, number in enumerate(numbers.tolist()):
            for j, row in enumerate(token_ids[i]):
                counts = count_ngrams(row[row != 0].tolist())
                rewards[i, j] = self.cider.score(counts, number)
        return rewards
