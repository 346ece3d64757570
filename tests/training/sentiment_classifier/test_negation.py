"""Sentences made from templates in which words turn the judgement of others."""

from string import Formatter

import pytest

from training.probes.behaviour import PARTS, list_cases
from training.sentiment_classifier import negation


def test_labels_are_even_and_each_word_tells_its_own():
    texts, labels = negation.make_sentences(4000, seed=0)
    assert len(texts) == len(labels) == 4000
    assert labels.sum() == 2000
    assert not set(negation.POSITIVE) & set(negation.NEGATIVE)
    words = [text.decode().rstrip(".!") for text in texts]
    for lead, of_good in (
        ("how ", 1),
        ("so ", 1),
        ("never ", 0),
        ("without being ", 0),
    ):
        found = [
            (text.removeprefix(lead) in negation.POSITIVE, label)
            for text, label in zip(words, labels, strict=True)
            if text.startswith(lead)
        ]
        assert len(found) > 10
        assert all(label == of_good ^ (not is_good) for is_good, label in found)


def test_other_labels_are_refused():
    negation.check_labels(["negative", "positive"])
    with pytest.raises(ValueError, match=r"Received: \['bad', 'good'\]"):
        negation.check_labels(["bad", "good"])


def test_what_is_measured_with_is_not_what_is_learnt_from():
    cases = [case for part in PARTS for case in list_cases(part)]
    measured = {text.lower() for case in cases for text in case.texts}
    learnt = {text.decode() for text in negation.make_sentences(20_000, seed=0)[0]}
    assert not measured & learnt


def test_frames_ask_for_what_there_is():
    own = {"x", "x2", "xv", "xd", "xn"}
    other = {slot.replace("x", "y") for slot in own}
    for frames, needed, refused in zip(
        negation.FRAMES,
        (own, own, other, own),
        (other, other, own, set()),
        strict=True,
    ):
        for frame in frames:
            slots = {slot for _, slot, _, _ in Formatter().parse(frame) if slot}
            assert slots <= {"s", "t", *own, *other}
            assert slots & needed
            assert not slots & refused
