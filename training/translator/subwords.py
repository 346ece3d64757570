"""Pieces of words for a `SubwordTokenizer`, learnt from texts."""

from collections.abc import Sequence

import numpy as np

from rnnzoo.text import SubwordTokenizer, Vocabulary, split_words
from training.core.texts import batches

SURPLUS = 1.3  # pieces learnt for each that is kept
ALWAYS = 10**9  # what a single letter counts at least


def learn_tokenizer(
    texts: Sequence[bytes],
    vocabulary_size: int,
    max_length: int,
    lowercase: bool,
    spells: bool = False,
) -> SubwordTokenizer:
    """Returns a tokenizer whose pieces are learnt by byte-pair encoding.

    Merging builds more pieces than are asked for; of those the ones are kept that
    cutting at the longest piece makes most use of, and all single letters, so that
    every word of the texts can be cut.

    Args:
        texts: Texts in UTF-8.
        vocabulary_size: Number of ids at most, special tokens included.
        max_length: See `SubwordTokenizer`.
        lowercase: See `SubwordTokenizer`.
        spells: See `SubwordTokenizer`. Default `False`.

    References:
        - Sennrich et al., "Neural Machine Translation of Rare Words with Subword
          Units", 2016.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=int(vocabulary_size * SURPLUS), min_frequency=2, show_progress=False
    )
    lines = (
        b" ".join(row).decode()
        for batch in batches(texts)
        for row in split_words(batch, lowercase).to_list()
    )
    learner.train_from_iterator(lines, trainer)
    ids = learner.get_vocab()
    pieces = Vocabulary(sorted(ids, key=lambda piece: ids[piece]))
    cutter = SubwordTokenizer(pieces, 10**6, lowercase)
    used = np.zeros(len(pieces), int)
    for batch in batches(texts):
        used += np.bincount(cutter(batch).numpy().ravel(), minlength=len(pieces))
    counts = {
        piece: int(count) + ALWAYS * (len(piece) == 1)
        for piece, count in zip(pieces.tokens[4:], used[4:], strict=True)
    }
    vocabulary = Vocabulary.from_counts(counts, vocabulary_size)
    return SubwordTokenizer(vocabulary, max_length, lowercase, spells)
