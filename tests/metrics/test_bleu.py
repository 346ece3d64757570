"""BLEU against figures worked out by hand, and what counts as a difference."""

import sys

import pytest

from rnnzoo.metrics import bleu, sacrebleu

REFERENCE = "Ein kleiner Hund läuft schnell über die grüne Wiese."


def test_bleu_by_hand():
    # One of ten tokens differs, the second: 9/10, 7/9, 6/8, 5/7 of the n-grams.
    text = REFERENCE.replace("kleiner", "großer")
    expected = 100 * (9 / 10 * 7 / 9 * 6 / 8 * 5 / 7) ** 0.25
    assert bleu([text], [REFERENCE], "de") == pytest.approx(expected)
    assert sacrebleu([text], [REFERENCE])[0] == pytest.approx(expected)


def test_case_and_quotes_count_in_one_of_them():
    shouted = REFERENCE.replace("Hund", "HUND")
    assert bleu([shouted], [REFERENCE], "de") == pytest.approx(100)
    score, signature = sacrebleu([shouted], [REFERENCE])
    assert score < 90
    assert "case:mixed" in signature
    assert "tok:13a" in signature
    assert bleu(["L’eau est „ là “."], ['L\'eau est " là ".'], "fr") > 99


def test_short_texts_are_punished():
    short = "Ein kleiner Hund läuft schnell"
    assert bleu([short], [REFERENCE], "de") == pytest.approx(
        100 * 2.718281828 ** (1 - 10 / 5)
    )


def test_any_of_several_references_counts():
    other = "Der Hund da läuft."
    for measure in (lambda *a: bleu(*a, "de"), lambda *a: sacrebleu(*a)[0]):
        several = [[REFERENCE, other], [other]]
        assert measure([REFERENCE, other], several) == pytest.approx(100)
        assert measure([other, other], several) == pytest.approx(100)
        assert measure([other, REFERENCE], several) < 99
    with pytest.raises(ValueError, match="2 translations and 1 references"):
        bleu(["a", "b"], [["a"], []], "de")


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 translations and 1 references"):
        bleu(["a", "b"], ["a"], "de")
    with pytest.raises(ValueError, match="0 translations"):
        sacrebleu([], [])


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacremoses", None)
    with pytest.raises(ImportError, match=r"rnnzoo\[evaluate\]"):
        bleu(["a"], ["a"], "de")
