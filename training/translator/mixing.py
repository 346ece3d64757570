"""Pairs made from others: names and numbers exchanged, marks removed, pairs joined.

No set of sentences has all the names and numbers that people will write: a translator
learns to copy them if the same sentence comes with others. Many people write without a
mark at the end. And a set of single sentences teaches nothing of two at once.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from training.core.names import draw_name, scramble_name

WORD = re.compile(r"[^\W\d_]+")
NUMBER = re.compile(r"\d+")
NAME_COUNT = 20  # times that a name occurs at least
NAME_SHARE = 0.7  # of its translations that have it, too
SIBILANTS = tuple("szxß")  # a German genitive ends in an apostrophe after these

Pair = tuple[str, str]


def find_names(pairs: Sequence[Pair]) -> set[str]:
    """Words that are capital in the middle of sentences, never lower-case, and stand in
    most translations as they are."""
    count: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    inside: set[str] = set()
    small: set[str] = set()
    for source, target in pairs:
        words = WORD.findall(source)
        there = set(WORD.findall(target))
        inside.update(words[1:])
        small.update(word for word in words if word.islower())
        for word in {w for w in words if w.istitle() and len(w) > 1}:
            count[word] += 1
            kept[word] += any(form in there for form in (word, word + "s"))
    return {
        word
        for word, number in count.items()
        if number >= NAME_COUNT
        and kept[word] >= NAME_SHARE * number
        and word in inside
        and word.lower() not in small
    }


def exchange(
    pairs: Sequence[Pair], count: int, seed: int, names: set[str]
) -> list[Pair]:
    """Returns pairs with other names and numbers, the same on both sides.

    Args:
        pairs: Pairs to draw from.
        count: Number of pairs to make, fewer if hardly any pair has a name or number
            that is the same on both sides.
        seed: Seed of the draw.
        names: Words to put names in the place of.
    """
    draw = np.random.default_rng([seed, 2])
    made: list[Pair] = []
    for _ in range(3):
        for number in draw.permutation(len(pairs)):
            if len(made) >= count:
                return made
            pair = _exchange(pairs[number], names, draw)
            if pair != pairs[number]:
                made.append(pair)
    return made


def _exchange(pair: Pair, names: set[str], draw: np.random.Generator) -> Pair:
    """Returns a pair with other names and numbers."""
    source, target = pair
    words = {word for word in WORD.findall(source) if word in names}
    words |= set(NUMBER.findall(source))
    for word in sorted(words):
        exact = re.compile(rf"\b{re.escape(word)}(s?)\b")
        if not exact.search(target):
            continue
        if word.isdigit():
            new = str(draw.integers(10 ** (len(word) - 1), 10 ** len(word)))
        else:
            new = scramble_name(draw) if draw.random() < 0.4 else draw_name(draw)
        genitive = "'" if new.endswith(SIBILANTS) else "s"
        forms = {"": new, "s": new + genitive}
        target = exact.sub(lambda match, forms=forms: forms[match[1]], target)  # type: ignore[misc]
        source = re.sub(rf"\b{re.escape(word)}\b", new, source)
    return source, target


def join(pairs: Sequence[Pair], count: int, seed: int, longest: int = 90) -> list[Pair]:
    """Returns pairs of two or three joined sentences.

    Args:
        pairs: Pairs to draw from.
        count: Number of pairs to make.
        seed: Seed of the draw.
        longest: Letters that each of those joined has at most.
    """
    draw = np.random.default_rng([seed, 3])
    short = [pair for pair in pairs if len(pair[0]) <= longest and _ends(pair)]
    made = []
    for _ in range(count if len(short) > 2 else 0):
        size = 2 + int(draw.random() < 0.25)
        chosen = [short[i] for i in draw.integers(len(short), size=size)]
        sources, targets = zip(*chosen, strict=True)
        made.append((" ".join(sources), " ".join(targets)))
    return made


def unmark(pairs: Sequence[Pair], count: int, seed: int) -> list[Pair]:
    """Returns pairs without the mark at the end of both sides.

    Args:
        pairs: Pairs to draw from.
        count: Number of pairs to make.
        seed: Seed of the draw.
    """
    draw = np.random.default_rng([seed, 4])
    marked = [pair for pair in pairs if _ends(pair) and len(pair[0]) > 2]
    chosen = draw.permutation(len(marked))[:count]
    made = [tuple(text.rstrip(' .!?"”»') for text in marked[i]) for i in chosen]
    return [(source, target) for source, target in made if source and target]


def _ends(pair: Pair) -> bool:
    """Returns whether both sides end with a mark."""
    return all(text.rstrip('"”»')[-1:] in set(".!?") for text in pair)
