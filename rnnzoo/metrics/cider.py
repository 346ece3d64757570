"""CIDEr-D: how near a caption comes to those that people wrote of an image."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

MAX_ORDER = 4  # words of an n-gram

NGrams = Counter[tuple[Hashable, ...]]

# coco-caption's constants.
SIGMA = 6.0  # of the penalty on lengths
SCALE = 10.0


class _Weighed(NamedTuple):
    """A caption: for each size of n-grams their weights and the norm of these."""

    weights: list[dict[tuple[Hashable, ...], float]]
    norms: list[float]
    length: int


class CiderD:
    """Scores captions of images by CIDEr-D.

    The score is a cosine of the n-grams of two captions, weighted by how few images
    they are of, times a penalty on another length; the mean over the references and
    over one to four words.

    Args:
        references: For each image its captions, each as `count_ngrams` gives it.
        num_images: Number of images that the frequencies are parts of. Default: those
            given. If it is one, all scores are zero, for no word tells it from others.

    Example:

    ```python
    from rnnzoo.metrics.cider import CiderD, count_ngrams

    captions = ["a dog runs on grass", "two girls sing songs"]
    references = [[count_ngrams(caption.split())] for caption in captions]
    cider = CiderD(references)
    assert round(cider.score(references[0][0], 0), 6) == 10
    assert cider.score(references[0][0], 1) == 0
    ```

    References:
        - Vedantam et al., "CIDEr: Consensus-based Image Description Evaluation",
          2015.
    """

    def __init__(
        self,
        references: Sequence[Sequence[list[NGrams]]],
        num_images: int | None = None,
    ):
        images: NGrams = Counter()
        for captions in references:
            images.update({gram for counts in captions for n in counts for gram in n})
        # The weight of what no reference has, and of what some have.
        self.unseen = math.log(num_images or len(references))
        self.seen = {gram: self.unseen - math.log(n) for gram, n in images.items()}
        self.references = [
            [self._weigh(c) for c in captions] for captions in references
        ]

    def score(self, counts: list[NGrams], image: int) -> float:
        """The score of a caption.

        Args:
            counts: The caption as `count_ngrams` gives it.
            image: Number of its image, its place in `references`.

        Returns:
            A number from 0 to 10.
        """
        return self.score_all(counts, [image])[0]

    def score_all(self, counts: list[NGrams], images: Sequence[int]) -> list[float]:
        """The scores that a caption has as one of each of `images`: see `score`."""
        weighed = self._weigh(counts)
        return [self._compare(weighed, self.references[image]) for image in images]

    def _compare(self, weighed: _Weighed, references: list[_Weighed]) -> float:
        weights, norms, length = weighed
        total = 0.0
        for true_weights, true_norms, true_length in references:
            cosines = 0.0
            for order in range(MAX_ORDER):
                ours, theirs = weights[order], true_weights[order]
                common = [gram for gram in ours if gram in theirs]
                if not common:
                    break  # nor is anything longer
                product = sum(min(ours[g], theirs[g]) * theirs[g] for g in common)
                if product:
                    cosines += product / (norms[order] * true_norms[order])
            difference = length - true_length
            total += cosines * math.exp(-(difference**2) / (2 * SIGMA**2))
        return SCALE * total / (MAX_ORDER * len(references))

    def _weigh(self, counts: list[NGrams]) -> _Weighed:
        seen, unseen = self.seen, self.unseen
        weights = [
            {gram: n * seen.get(gram, unseen) for gram, n in grams.items()}
            for grams in counts
        ]
        norms = [math.sqrt(sum(w * w for w in each.values())) for each in weights]
        return _Weighed(weights, norms, counts[0].total())


def count_ngrams(tokens: Sequence[Hashable]) -> list[NGrams]:
    """Counts the sequences of one to four words: a counter for each length.

    Args:
        tokens: The words, or their ids, in order.
    """
    shifted = [tokens[i:] for i in range(MAX_ORDER)]
    return [Counter(zip(*shifted[: i + 1], strict=False)) for i in range(MAX_ORDER)]
