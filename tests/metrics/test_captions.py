"""Caption metrics against coco-caption's scorers in Python."""

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
        (["a"], ["b"], r"references\[0\] must be a list of texts. Received: 'b'"),
        (["a", "b"], [["a"], []], r"references\[1\] must .* Received: none"),
        (["a"], [[b"a"]], r"references\[0\]\[0\] must be a text. Received: b'a'"),
    ],
)
def test_what_cannot_be_scored_is_named(candidates, references, message):
    with pytest.raises(ValueError, match=message):
        caption_metrics(candidates, references)


def test_no_captions_have_no_variety():
    with pytest.raises(ValueError, match="captions must be a list of texts"):
        caption_variety([])
