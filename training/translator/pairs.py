"""Sentences and their translations, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.core import dataset_checks
from training.core.holdout import choose_validation
from training.translator import mixing

# Sentences, and the translations of each.
Translated = tuple[list[bytes], list[list[bytes]]]


@dataclass
class PairSet:
    """The training, validation and test pairs of a data set.

    Attributes:
        sources, targets: Training sentences and the translation of each.
        validation: Those that choose the epoch.
        test: Those that are measured at the end.
    """

    sources: list[bytes]
    targets: list[bytes]
    validation: Translated
    test: Translated


def read_set(
    builder: Any,
    splits: tuple[str, str, str],
    features: tuple[str, str],
    limit: int | None,
    seed: int,
) -> PairSet:
    """Reads three splits of a data set, of training pairs `limit` at random."""
    sources, targets = flatten(*read_pairs(builder, splits[0], features))
    everything, test = (read_pairs(builder, split, features) for split in splits[1:])
    if limit is not None:
        order = np.random.default_rng(seed).permutation(len(sources))[:limit]
        sources, targets = [sources[i] for i in order], [targets[i] for i in order]
    chosen = choose_validation(len(everything[0]), len(sources))
    validation = (
        [everything[0][i] for i in chosen],
        [everything[1][i] for i in chosen],
    )
    return PairSet(sources, targets, validation, test)


def make_training(
    sets: Sequence[PairSet], config: Any
) -> tuple[list[bytes], list[bytes]]:
    """Returns the pairs of an epoch: those of all sets, and those made from them."""
    repeats = [1, *[config.second_repeats] * (len(sets) - 1)]
    seen = [
        (source.decode(), target.decode())
        for one, times in zip(sets, repeats, strict=True)
        for source, target in zip(one.sources * times, one.targets * times, strict=True)
    ]
    names = mixing.find_names(seen) if config.exchanged_pairs else set()
    made = [
        *mixing.exchange(seen, config.exchanged_pairs, config.seed, names),
        *mixing.unmark(seen, config.unmarked_pairs, config.seed),
        *mixing.join(seen, config.joined_pairs, config.seed),
    ]
    sources, targets = zip(*[*seen, *made], strict=True)
    return [s.encode() for s in sources], [t.encode() for t in targets]


def join_sets(
    sets: Sequence[tuple[list[bytes], list[bytes]]],
) -> tuple[list[bytes], list[bytes]]:
    """Returns the pairs of several sets after one another."""
    sources = [text for one in sets for text in one[0]]
    return sources, [text for one in sets for text in one[1]]


def read_pairs(builder: Any, split: str, features: tuple[str, str]) -> Translated:
    """Returns the sentences of a split and the translations of each.

    Args:
        builder: The TFDS builder.
        split: Name of the split.
        features: Names of the features with the sentences and the translations.

    Raises:
        ValueError: If there is no such split, or a sentence is empty.
    """
    dataset_checks.check_split(builder, split)
    examples = list(builder.as_dataset(split=split).as_numpy_iterator())
    source, target = features
    sources = [example[source] for example in examples]
    targets = [np.atleast_1d(example[target]).tolist() for example in examples]
    for name, texts in ((source, sources), (target, flatten(sources, targets)[1])):
        dataset_checks.check_texts(texts, f"{split} split, feature {name!r},")
    return sources, targets


def flatten(
    sources: list[bytes], targets: list[list[bytes]]
) -> tuple[list[bytes], list[bytes]]:
    """Returns a pair for each translation of each sentence."""
    pairs = [(s, t) for s, some in zip(sources, targets, strict=True) for t in some]
    return [source for source, _ in pairs], [target for _, target in pairs]
