"""Sentences that give away captions of held-out images are left out."""

import numpy as np
import pytest

from training.image_captioner.leaks import likeness, without_leaks

HELD_OUT = [
    "A gray and brown dog jumps off a dock into a lake .",
    "A dancer in a red costume waits onstage .",
    "Two children play soccer on a wet field .",
    "",
    "!",
]


@pytest.mark.parametrize(
    "sentence",
    [
        "A gray and brown dog jumps off a dock into a lake.",
        "a GRAY and brown dog -- jumps off a dock, into a lake",
        "A grey and brown dog jumps off a dock into a lake.",
        "A gray and brown dog jumps of a dock in to a lake.",
        "A dancer in a red costume waits on stage.",
        "The two children play soccer on a wet field.",
    ],
)
def test_copies_and_corrected_copies_are_left_out(sentence):
    assert without_leaks([sentence], HELD_OUT) == [False]


@pytest.mark.parametrize(
    "sentence",
    [
        "A black dog jumps into a lake.",
        "A dancer in a white costume leaves the stage.",
        "Two men play tennis on a wet court.",
        "A dog.",
        "Ein Hund läuft.",
        "",
        "?!",
    ],
)
def test_other_sentences_stay(sentence):
    assert without_leaks([sentence], HELD_OUT) == [True]


def test_the_answers_are_in_the_order_of_the_sentences():
    sentences = ["A cat sleeps.", HELD_OUT[1], "A bird sings.", HELD_OUT[2]]
    assert without_leaks(sentences, HELD_OUT) == [True, False, True, False]
    assert without_leaks([], HELD_OUT) == []
    assert without_leaks(sentences, []) == [True] * 4


def test_likeness_is_the_share_of_common_runs_of_three_letters():
    # abcd has abc and bcd, bcde has bcd and cde: one of three.
    likes = likeness(["AB cd", "bcde", "b c d e", "ab", "xyz"], ["bcde", "ab"])
    np.testing.assert_allclose(likes, [1 / 3, 1, 1, 1, 0])


def test_a_sentence_is_held_against_the_nearest_caption():
    captions = ["abcdefgh", "abcdefxy", "mnop"]
    for order in (captions, captions[::-1]):
        np.testing.assert_allclose(likeness(["abcdefxyz"], order), [6 / 7])


def test_a_lower_threshold_leaves_out_more():
    sentence = ["A gray dog jumps off a dock."]
    assert without_leaks(sentence, HELD_OUT) == [True]
    assert without_leaks(sentence, HELD_OUT, 0.3) == [False]
    for threshold in (0, 1.1):
        with pytest.raises(ValueError, match=f"Received: threshold={threshold}"):
            without_leaks(sentence, HELD_OUT, threshold)


@pytest.mark.data
def test_what_multi30k_gives_away_of_flickr8k_is_left_out():
    import tensorflow_datasets as tfds

    from rnnzoo.datasets import DatasetNotPreparedError, open_dataset

    try:
        flickr, multi30k = (open_dataset(n) for n in ("flickr8k", "multi30k/en_de"))
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))
    held_out = [
        caption.decode()
        for split in ("validation", "test")
        for example in flickr.as_dataset(
            split=split, decoders={"image": tfds.decode.SkipDecoding()}
        ).as_numpy_iterator()
        for caption in example["captions"]
    ]
    examples = multi30k.as_dataset(split="train[:2900]").as_numpy_iterator()
    sentences = [example["en"].decode() for example in examples]
    stay = without_leaks(sentences, held_out)
    assert len(held_out) == 10_000
    # 1 794 of all 29 000 are left out: a tenth of them, give or take four deviations.
    assert 179 - 52 <= stay.count(False) <= 179 + 52
    kept = {
        s.lower().rstrip(" .")
        for s, stays in zip(sentences, stay, strict=True)
        if stays
    }
    assert not kept & {caption.lower().rstrip(" .") for caption in held_out}
