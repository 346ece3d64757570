"""Sentences made from templates that judge nothing."""

from training.core.names import NAMES
from training.probes.behaviour import list_cases
from training.sentiment_classifier import facts, turns


def test_they_are_filled_and_say_nothing_good_or_bad():
    texts = [text.decode() for text in facts.make_facts(3000, seed=0)]
    assert len(set(texts)) > 2000
    assert not any("{" in text or "_" in text for text in texts)
    words = {word.strip(".,?").lower() for text in texts for word in text.split()}
    assert not words & {*turns.POSITIVE, *turns.NEGATIVE}
    assert facts.make_facts(10, seed=0) == facts.make_facts(10, seed=0)
    assert facts.make_facts(10, seed=0) != facts.make_facts(10, seed=1)


def test_what_is_measured_with_is_not_what_is_learnt_from():
    measured = {text.lower() for case in list_cases() for text in case.texts}
    assert not measured & {
        text.decode().lower() for text in facts.make_facts(20_000, seed=0)
    }
    words = {word.strip(".,'s") for text in measured for word in text.split()}
    assert not {name.lower() for name in NAMES} & words
