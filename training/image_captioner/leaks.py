"""Sentences of another corpus that would give away captions of held-out images.

Multi30k describes images of Flickr30k, in which those of Flickr8k are: of the 29 000
English sentences of its training part, 1 707 are captions of Flickr8k's validation and
test images word for word. Others are the same but for corrections (gray for grey, on
stage for onstage, while for whiel), which words in common hardly tell from another
scene: "a black dog runs" has as many as "a brown dog runs". Letters do. At the default
threshold 87 sentences more are left out and 27 206 stay. Read one by one, the last
corrected caption is at 0.78, and below 0.75 there are only other scenes in like words.
The price is small: 29 of the 87 are, word for word, captions of images to train on.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

GRAM = 3  # letters in a row
THRESHOLD = 0.75


def without_leaks(
    sentences: Sequence[str], held_out: Sequence[str], threshold: float = THRESHOLD
) -> list[bool]:
    """Says which sentences may be trained on: those that copy no held-out caption.

    Case, punctuation and the spaces between words count nothing.

    Args:
        sentences: Sentences of a corpus that describes images.
        held_out: All captions of images that are validated or tested on.
        threshold: The likeness at which a sentence is taken for a copy, over 0 and at
            most 1. Default 0.75.

    Returns:
        For each sentence whether it stays. One without any letter stays.

    Raises:
        ValueError: If the threshold is out of range.
    """
    if not 0 < threshold <= 1:
        raise ValueError(
            f"`threshold` must be over 0 and at most 1. Received: threshold={threshold}"
        )
    return (likeness(sentences, held_out) < threshold).tolist()


def likeness(sentences: Sequence[str], held_out: Sequence[str]) -> np.ndarray:
    """How much of each sentence is in the held-out caption that is nearest to it.

    It is the share of runs of three letters that both have, among those that one of
    them has (Jaccard). A word that is spelled in another way changes a few of them.

    Args:
        sentences: Sentences of a corpus.
        held_out: Captions.

    Returns:
        Float array of shape `(sentences,)`, from 0 to 1, which is a copy.
    """
    # Two captions of the same letters are one.
    captions = sorted({letters for text in held_out if (letters := _letters(text))})
    grams = [_grams(letters) for letters in captions]
    sizes = np.array([len(some) for some in grams])
    places: dict[str, list[int]] = defaultdict(list)
    for i, some in enumerate(grams):
        for gram in some:
            places[gram].append(i)
    where = {gram: np.array(some) for gram, some in places.items()}
    exact = set(captions)
    found = np.zeros(len(sentences))
    for i, text in enumerate(sentences):
        letters = _letters(text)
        own = _grams(letters)
        known = [where[gram] for gram in own if gram in where]
        if letters in exact:
            found[i] = 1.0
        elif known:
            shared = np.bincount(np.concatenate(known), minlength=len(captions))
            found[i] = (shared / (len(own) + sizes - shared)).max()
    return found


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _grams(letters: str) -> set[str]:
    """Its runs of letters; a text that is shorter than one is a run of its own."""
    last = max(len(letters) - GRAM, 0)
    return {letters[i : i + GRAM] for i in range(last + 1)} - {""}
