"""Sequences of neighbouring words, counted."""

from collections import Counter
from collections.abc import Hashable, Sequence

MAX_ORDER = 4

NGrams = Counter[tuple[Hashable, ...]]


def count_ngrams(tokens: Sequence[Hashable]) -> list[NGrams]:
    """How often each sequence of one to four words occurs: a counter for each size.

    Args:
        tokens: The words, or their ids, in order.
    """
    shifted = [tokens[i:] for i in range(MAX_ORDER)]
    return [
        Counter(zip(*shifted[:order], strict=False))
        for order in range(1, MAX_ORDER + 1)
    ]
