"""Sentences and their phrases, as the Stanford Sentiment Treebank has them."""

import numpy as np

SHORTEST = 3  # words; shorter phrases stand in many sentences


def split_by_sentence(
    texts: list[bytes], fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Holds out whole sentences, with all phrases of them.

    Texts that are part of no longer one are taken for sentences. A phrase of three
    words or more that stands in a sentence that is held out is in neither part.

    Args:
        texts: Sentences and phrases, of words between spaces.
        fraction: Share of the sentences to hold out, over 0 and under 1.
        seed: Seed of the draw.

    Returns:
        Numbers of the texts to train on, and of the sentences that are held out.
    """
    words = [text.decode().split() for text in texts]
    order = sorted(range(len(texts)), key=lambda i: -len(words[i]))
    sentences: list[int] = []
    seen: set[tuple[str, ...]] = set()
    for i in order:
        key = tuple(words[i])
        if key not in seen and len(key) >= SHORTEST:
            sentences.append(i)
            seen.update(_phrases(words[i]))
    chosen = np.random.default_rng(seed).permutation(len(sentences))
    held_out = [sentences[i] for i in chosen[: round(len(sentences) * fraction)]]
    hidden = {phrase for i in held_out for phrase in _phrases(words[i])}
    kept = [i for i in range(len(texts)) if tuple(words[i]) not in hidden]
    return np.array(kept), np.array(sorted(held_out))


def _phrases(words: list[str]) -> set[tuple[str, ...]]:
    """Returns all runs of `SHORTEST` words or more."""
    size = len(words)
    return {
        tuple(words[i:j]) for i in range(size) for j in range(i + SHORTEST, size + 1)
    }
