"""Plain sentences about things, written for kinds of things by hand.

People who caption photographs of sport and dogs hardly ever write of a kitchen without
anybody in it. These sentences say what is there and no more.
"""

from collections.abc import Sequence

import numpy as np

from zoo_models.image_captioner.class_words import plural, read_class_words

# "{0}" is a word of the kind, "{1}" and "{2}" others of it, "{0s}" its plural.
SENTENCES: dict[str, Sequence[str]] = {
    "animal": (
        "a {0} is standing in the grass",
        "a {0} stands in a field",
        "a {0} is looking at the camera",
        "a {0} is sitting on the ground",
        "a {0} lies on the ground",
        "a close up of a {0}",
        "a brown {0} is walking on a dirt road",
        "a {0} stands behind a fence",
        "a {0} is in the water",
        "a {0} is sitting on a branch of a tree",
        "a black and white {0} in a field",
        "two {0s} are standing in a field",
        "a group of {0s} are standing in the grass",
        "several {0s} are walking together",
        "two {0s} are standing next to each other",
    ),
    "food": (
        "a plate of {0} on a table",
        "a plate with {0} and {1}",
        "a bowl of {0} and {1}",
        "a close up of {0} on a plate",
        "some {0} and {1} on a wooden table",
        "a table with {0} , {1} and {2}",
        "a white plate with {0} and {1} on it",
        "some {0} is on a table",
        "there is {0} on a plate",
        "a pile of {0s} on a table",
        "a bunch of {0s} and {1s}",
        "a table full of food with {0} and {1}",
    ),
    "vehicle": (
        "a {0} is parked on the street",
        "a {0} is driving down the road",
        "a red {0} is parked next to a building",
        "an old {0} is parked in a lot",
        "a {0} is parked on the side of the road",
        "a white {0} is driving down a city street",
        "a {0} and a {1} are on the street",
        "several {0s} are parked on the side of a street",
        "a row of {0s} in front of a building",
        "two {0s} are parked next to each other",
    ),
    "train": (
        "a {0} is on the tracks",
        "a {0} is coming down the tracks",
        "a yellow {0} is at the station",
        "a long {0} is going over a bridge",
    ),
    "boat": (
        "a {0} is in the water",
        "a small {0} is floating on a lake",
        "several {0s} are in the water",
        "a white {0} is sailing on the ocean",
    ),
    "airplane": (
        "an {0} is flying in the sky",
        "a large {0} is on the runway",
        "a white {0} is flying over the trees",
    ),
    "furniture": (
        "a room with a {0} and a {1}",
        "a living room with a {0} and a {1}",
        "a {0} next to a {1} in a room",
        "a bedroom with a {0} and a {1}",
        "a small room with a {0} , a {1} and a {2}",
        "there is a {0} in the corner of a room",
        "an empty {0} is in front of a window",
        "a wooden {0} in front of a wall",
        "a row of {0s} outside of a building",
    ),
    "appliance": (
        "a kitchen with a {0} and a {1}",
        "a small kitchen with a {0}",
        "a {0} and a {1} in a kitchen",
        "a bathroom with a {0} and a {1}",
        "a white {0} is in a small bathroom",
        "an empty kitchen with a {0} , a {1} and a {2}",
    ),
    "electronics": (
        "a {0} is sitting on a desk",
        "a desk with a {0} and a {1}",
        "a {0} and a {1} on a table",
        "a {0} is next to a {1}",
        "a person is holding a {0}",
        "a {0} on top of a wooden desk",
    ),
    "container": (
        "a {0} is sitting on a table",
        "a {0} and a {1} on a table",
        "a {0} filled with flowers",
        "a {0} is on top of a table next to a {1}",
    ),
    "building": (
        "a tall {0} in the middle of a city",
        "a {0} with trees in front of it",
        "a large {0} next to a street",
        "there is a {0} in the background",
        "a {0} on a sunny day",
    ),
    "object": (
        "a {0} is on a table",
        "a {0} next to a {1}",
        "a close up of a {0}",
        "a {0} hanging on a wall",
        "a {0} on the side of a street",
        "a {0} in front of a building",
        "a person is holding a {0}",
    ),
    "plant": (
        "a {0} in a field",
        "some {0s} in a field of grass",
        "a close up of a {0}",
    ),
    "nature": (
        "a view of a {0}",
        "a {0} with trees in the background",
        "a {0} on a cloudy day",
        "people are walking on a {0}",
    ),
    "toy": ("a {0} is sitting on a bed", "a {0} is sitting on a chair"),
    "instrument": ("a person is playing a {0}", "a {0} is next to a {1}"),
    "sport": ("a person is playing {0}", "people are playing {0} on a field"),
    "tool": ("a {0} and a {1} on a table", "a person is holding a {0}"),
    "clothing": ("a person is wearing a {0}", "a {0} and a {1} on a bed"),
}
# Words that have sentences of their own.
OWN = {
    "train": ("train", "tram"),
    "boat": ("boat", "ship", "sailboat", "canoe"),
    "airplane": ("airplane",),
}


def write_plainly(
    count: int, counts: dict[str, int], seed: int, size: int = 5
) -> list[list[bytes]]:
    """Plain sentences in groups, each about the same things, all kinds alike.

    Args:
        count: Number of groups.
        counts: How often each word occurs in captions. A word is taken in proportion
            to the square root of that and one more.
        seed: Seed of the draw.
        size: Sentences of a group. Default 5.
    """
    draw = np.random.default_rng([seed, 6])
    class_words = read_class_words()
    pools: dict[str, list[str]] = {kind: [] for kind in SENTENCES}
    own = {word: kind for kind, words in OWN.items() for word in words}
    for word in class_words.words:
        kind = own.get(word, class_words.kinds[word])
        if kind in pools:
            pools[kind].append(word)
    groups = []
    for _ in range(count):
        kind = [*pools][draw.integers(len(pools))]
        weights = np.sqrt([1.0 + counts.get(word, 0) for word in pools[kind]])
        number = min(3, len(pools[kind]))
        words = draw.choice(pools[kind], number, False, weights / weights.sum())
        # None twice if there are enough.
        patterns = np.resize(draw.permutation(SENTENCES[kind]), size)
        groups.append([_fill(str(p), words.tolist()).encode() for p in patterns])
    return groups


def _fill(pattern: str, words: Sequence[str]) -> str:
    for i, word in enumerate(words):
        pattern = pattern.replace(f"{{{i}s}}", plural(word))
        if plural(word) == word:
            pattern = pattern.replace(f"a {{{i}}}", f"some {{{i}}}")
        pattern = pattern.replace(f"{{{i}}}", word)
    first, *rest = pattern.split()
    pairs = zip([first, *rest], [*rest, ""], strict=True)
    return " ".join(
        "an" if word == "a" and after[:1] in tuple("aeiou") else word
        for word, after in pairs
    )
