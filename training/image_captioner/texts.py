"""Captions without images, from which a captioner learns to write of words."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.datasets import open_dataset
from rnnzoo.text import CaptionTokenizer
from training.image_captioner.data import CaptionedImages, to_rows
from training.image_captioner.leaks import without_leaks
from zoo_models.image_captioner.class_reader import FORMS

GROUP = 5  # captions that have their words in common, as those of an image have
SURE = (0.2, 0.95)  # how probable a word is that a caption has


def read_texts(config: Any, held_out: Sequence[bytes]) -> list[bytes]:
    """The captions of `config.more_captions`, without those that are like one that is
    held out.

    Args:
        config: Settings of `training.train_captioner`.
        held_out: Captions of validation and test images.
    """
    builder = open_dataset(
        config.more_captions, config.data_dir, config.manual_dir, False
    )
    examples = builder.as_dataset(split="train").as_numpy_iterator()
    texts = [example[config.more_text] for example in examples]
    kept = without_leaks([t.decode() for t in texts], [t.decode() for t in held_out])
    print(f"{sum(kept):,} of {len(kept):,} sentences are like no held-out caption.")
    texts = [text for text, keep in zip(texts, kept, strict=True) if keep]
    order = np.random.default_rng([config.seed, 6]).permutation(len(texts))
    return [texts[i] for i in order[: config.more_limit]]


def group_texts(
    texts: Sequence[bytes],
    tokenizer: CaptionTokenizer,
    images: CaptionedImages,
    class_words: dict[str, Any],
    seed: int,
    more: Sequence[list[bytes]] = (),
) -> CaptionedImages:
    """Captions in groups of five, each group with what a classifier might have seen.

    That is the words of classes that its captions have, and, up to the number that
    images have, words that were seen in an image by chance.

    Args:
        texts: The captions.
        tokenizer: Tokenizer of the captions.
        images: The images, for the words seen in them.
        class_words: What `make_class_words` gave.
        seed: Seed of chance.
        more: More captions, in groups already. Default: none.

    Returns:
        Groups in the place of images, of which nothing is known but the words.
    """
    draw = np.random.default_rng([seed, 5])
    order = draw.permutation(len(texts))
    order = order[: len(order) // GROUP * GROUP].reshape(-1, GROUP)
    captions = [*([texts[i] for i in group] for group in order), *more]
    forms = np.array(class_words["words"])
    word_of = {i: w for w, pair in enumerate(forms) for i in pair if i}
    seen = images.seen[0]
    num_words = seen["word_ids"].shape[1] // FORMS
    ids = np.zeros((len(captions), FORMS * num_words), "int32")
    logs = np.zeros(ids.shape, "float32")
    for row, token_ids in enumerate(to_rows(captions, tokenizer)):
        found = {word_of[i] for i in token_ids.ravel().tolist() if i in word_of}
        said = draw.permutation(sorted(found))[:num_words].astype(int)
        image = draw.integers(len(seen["word_ids"]))
        others = [
            word
            for i in seen["word_ids"][image, ::FORMS].tolist()
            if (word := word_of.get(i, -1)) >= 0 and word not in said
        ][: num_words - len(said)]
        words = np.array([*said, *others], int)
        probable = np.log(
            np.append(
                draw.uniform(*SURE, len(said)),
                draw.uniform(0.0, SURE[0], len(others)) ** 2 + 1e-4,
            )
        )
        best = np.argsort(-probable)
        ids[row, : FORMS * len(words)] = forms[words[best]].ravel()
        logs[row, : FORMS * len(words)] = probable[best].repeat(FORMS)
    return CaptionedImages([{"word_ids": ids, "word_logs": logs}], captions)
