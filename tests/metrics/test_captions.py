"""Caption metrics: by hand, and against coco-caption's scorers in Python."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge

from rnnzoo.metrics import caption_metrics, caption_tokens, caption_variety

NAMES = ["bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "cider"]


def expected_metrics(candidates, references):
    """What coco-caption's scorers say of the same words, times 100."""
    ours = {i: [text] for i, text in enumerate(candidates)}
    truths = dict(enumerate(references))
    for texts in (ours, truths):
        texts |= {
            i: [" ".join(caption_tokens(t)) for t in ts] for i, ts in texts.items()
        }
    bleu, _ = Bleu(4).compute_score(truths, ours, verbose=0)
    rouge, _ = Rouge().compute_score(truths, ours)
    cider, _ = Cider().compute_score(truths, ours)
    return {
        n: 100 * float(v) for n, v in zip(NAMES, [*bleu, rouge, cider], strict=True)
    }


FIXED = {
    "sentences": (
        [
            "A brown dog runs through the grass.",
            "Two girls in red T-shirts aren't singing",
            "a man a man a man a man",
        ],
        [
            ["A dog runs through tall grass.", "The brown dog is running!"],
            ["Two girls sing.", "The girls' shirts are red.", "Two girls in red."],
            ["A man climbs a rock.", "A man on a rock, a red rope, and a man."],
        ],
    ),
    "two references as near in length": (
        ["one two three four", "red blue"],
        [["one two three four five", "one two four"], ["red blue", "blue"]],
    ),
    "one image": (["a dog runs on grass"], [["a dog runs on sand", "a dog"]]),
    "a candidate without words": (["...", "a dog"], [["a dog runs"], ["a big dog"]]),
    "a reference without words": (["a cat", "!"], [["a cat runs"], ["?", "-"]]),
    "nothing in common": (["x y z", "u v w"], [["a b c d"], ["e f g h", "i"]]),
}


@pytest.mark.parametrize("case", FIXED)
def test_fixed_captions_score_as_in_coco_caption(case):
    received = caption_metrics(*FIXED[case])
    assert list(received) == NAMES
    assert received == pytest.approx(expected_metrics(*FIXED[case]), rel=0, abs=1e-6)


WORDS = st.lists(st.sampled_from(["a", "dog", "runs", "the", "can't"]), max_size=9)
TEXTS = WORDS.map(" ".join)
IMAGES = st.tuples(TEXTS, st.lists(TEXTS.filter(bool), min_size=1, max_size=4))


@settings(max_examples=150, deadline=None)
@given(st.lists(IMAGES, min_size=1, max_size=6))
def test_any_captions_score_as_in_coco_caption(images):
    candidates, references = zip(*images, strict=True)
    received = caption_metrics(candidates, references)
    expected = expected_metrics(candidates, references)
    assert received == pytest.approx(expected, rel=0, abs=1e-6)


def test_the_same_words_are_the_best_score():
    texts = ["A dog runs through grass.", "Two girls sing a song."]
    best = {**dict.fromkeys(NAMES, 100), "cider": 1000}
    assert caption_metrics(texts, [[text] for text in texts]) == pytest.approx(best)


def test_bleu_and_rouge_by_hand():
    # Found are 4 of 6 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 runs of four. The
    # references nearest in length have 4 and 3 words.
    received = caption_metrics(
        ["a red dog runs now", "x"],
        [["a red dog runs", "a red dog runs far and wide over it"], ["u v w"]],
    )
    brevity = math.exp(1 - 7 / 6)
    assert received["bleu_1"] == pytest.approx(100 * brevity * 4 / 6)
    product = 4 / 6 * 3 / 4 * 2 / 3 * 1 / 2
    assert received["bleu_4"] == pytest.approx(100 * brevity * product**0.25)
    # The best precision is 4/5, the best recall 4/4, in the first of two images.
    f_measure = (1 + 1.44) * 4 / 5 * 1 / (1 + 1.44 * 4 / 5)
    assert received["rouge_l"] == pytest.approx(100 * f_measure / 2)


def test_cider_by_hand():
    # Words weigh ln 2, but for "a", which is in both images and weighs nothing. Of
    # two pairs in each caption one is common; no triple is.
    received = caption_metrics(["a dog runs", "a b"], [["a dog sits"], ["a c"]])
    assert received["cider"] == pytest.approx(1000 * (1 / 2 + 1 / 2) / 4 / 2)
    # Captions of one image tell nothing from the others, as there are none.
    assert caption_metrics(["a dog"], [["a dog"]])["cider"] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "A man (in red) can't stop - it's 3:30!",
            "a man -lrb- in red -rrb- ca n't stop it 's 3:30",
        ),
        ("", ""),
        ("... ?", ""),
        (
            "Two dogs' toys; a T-shirt/jersey, o'clock",
            "two dogs toys a t-shirt/jersey o'clock",
        ),
        (
            "She's he'll I'd we've they're I'm",
            "she 's he 'll i 'd we 've they 're i 'm",
        ),
        ("a man 's hat is n't red", "a man 's hat is n't red"),
        ("We cannot, he's gonna", "we can not he 's gon na"),
        ("‘curly’ “quotes” – it’s", "curly quotes it 's"),
        (
            "St. James Ave. in the U.S. at 3 p.m. with Mr. B.",
            "st. james ave. in the u.s. at 3 p.m. with mr. b.",
        ),
        ("10,000 of the '90s, #5 & 50% a*b", "10,000 of the '90s # 5 & 50 % a * b"),
        ("Ça café naïve\nÜber", "ça café naïve über"),
        ("what?! no!!! {x} [y]", "what ?! no !!! -lcb- x -rcb- -lsb- y -rsb-"),
    ],
)
def test_words_are_those_of_coco_caption(text, words):
    """The right side is what coco-caption's tokenizer, in Java, gave."""
    assert caption_tokens(text) == words.split()


def test_variety_looks_past_case_and_punctuation():
    captions = ["A dog runs.", "a dog runs", "Two girls", ""]
    variety = caption_variety(captions)
    assert variety == {"distinct_captions": 3, "mean_length": 2.0}


@pytest.mark.parametrize(
    ("candidates", "references", "message"),
    [
        (["a", "b"], [["a"]], "2 candidates and 1 lists of references"),
        ([], [], "candidates must be a list of texts. Received: none"),
        ("a", [["a"]], "candidates must be a list of texts. Received: 'a'"),
        (["a"], ["b"], r"references\[0\] must be a list of texts. Received: 'b'"),
        (["a", "b"], [["a"], []], r"references\[1\] must .* Received: none"),
        (["a"], [[b"a"]], r"references\[0\]\[0\] must be a text. Received: b'a'"),
        (["a", None], [["a"], ["b"]], r"candidates\[1\] must .* Received: None"),
    ],
)
def test_what_cannot_be_scored_is_named(candidates, references, message):
    with pytest.raises(ValueError, match=message):
        caption_metrics(candidates, references)


def test_no_captions_have_no_variety():
    with pytest.raises(ValueError, match="captions must be a list of texts"):
        caption_variety([])
