"""How good a caption is that a model wrote: CIDEr-D and BLEU on ids of words."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from rnnzoo.metrics.cider import SCALE, CiderD
from rnnzoo.metrics.ngrams import MAX_ORDER, NGrams, count_ngrams

OTHERS = 3  # images, to which a caption should not fit


class CaptionReward:
    """CIDEr-D of captions in ids, against those that people wrote.

    As `rnnzoo.metrics.caption_metrics` computes it, but the end counts as a word: a
    caption that breaks off in the middle is then not rewarded.

    What would do as well for other images says little of this one. With `variety`, the
    mean of the CIDEr-D that a caption has for three others of the batch is taken off.

    CIDEr-D has no measure of fluency of its own. With `bleu`, the BLEU-4 of the caption
    is added, ten times, so that both go to 10; to the counts of more than one word one
    is added, since most captions have no four words in a row right.

    Args:
        references: For each image its captions, rows of ids with the end token and
            without the start.
        variety: How much of that is taken off. Default 0.
        bleu: How much of BLEU is added. Default 0.

    Call arguments:
        token_ids: `(batch, captions, time)`, 0 after the end token.
        numbers: Numbers of the images, `(batch,)`.

    Returns:
        Float32 array of shape `(batch, captions)`, from 0 to 10, or more by what is
        added and less by what is taken off.

    References:
        - Lin and Och, "ORANGE: a Method for Evaluating Automatic Evaluation Metrics
          for Machine Translation", 2004: BLEU of single sentences.
        - Luo et al., "Discriminability Objective for Training Descriptive Captions",
          2018: a caption should fit its image better than others.
    """

    def __init__(
        self,
        references: Sequence[Sequence[np.ndarray]],
        variety: float = 0.0,
        bleu: float = 0.0,
    ):
        counts = [[count_ngrams(row.tolist()) for row in rows] for rows in references]
        # Of a single image, too, something is rewarded.
        self.cider = CiderD(counts, num_images=max(len(references), 2))
        self.variety = variety
        self.bleu = bleu
        self.lengths = [[c[0].total() for c in captions] for captions in counts]
        self.most = [_most_of_each(captions) for captions in counts] if bleu else []

    def __call__(self, token_ids: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        rewards = np.zeros(token_ids.shape[:2], "float32")
        for i, number in enumerate(numbers.tolist()):
            others = np.roll(numbers, -1 - i)[:OTHERS]  # those that come next
            others = others[others != number] if self.variety else others[:0]
            for j, row in enumerate(token_ids[i]):
                counts = count_ngrams(row[row != 0].tolist())
                own, *rest = self.cider.score_all(counts, [number, *others.tolist()])
                if self.bleu:
                    own += SCALE * self.bleu * self._bleu(counts, number)
                rewards[i, j] = own - (self.variety * np.mean(rest) if rest else 0.0)
        return rewards

    def _bleu(self, counts: list[NGrams], image: int) -> float:
        """The BLEU-4 of one caption, from 0 to 1."""
        length = counts[0].total()
        logs = 0.0
        for order, grams in enumerate(counts):
            most = self.most[image][order]
            found = sum(min(n, most[gram]) for gram, n in grams.items())
            if not found + order:
                return 0.0  # no word is right
            added = min(order, 1)
            logs += math.log((found + added) / (grams.total() + added))
        nearest = min(self.lengths[image], key=lambda n: (abs(n - length), n))
        brevity = min(0.0, 1.0 - nearest / length)
        return math.exp(logs / MAX_ORDER + brevity)


def _most_of_each(captions: Iterable[list[NGrams]]) -> list[NGrams]:
    """How often n-grams occur in the caption that has the most of them."""
    most: list[NGrams] = [Counter() for _ in range(MAX_ORDER)]
    for counts in captions:
        for order, grams in enumerate(counts):
            most[order] |= grams
    return most
