"""Names and numbers that must come through a translation."""

import pytest

from training.probes.copying import Sentence, judge, list_sentences, measure


class Echo:
    """Translates nothing, or loses the last word."""

    def __init__(self, loses=False):
        self.loses = loses

    def generate(self, texts, verbose=0):
        return [text.rsplit(" ", 1)[0] if self.loses else text for text in texts]


def test_a_part_is_copied_as_a_whole_word_or_with_an_ending():
    sentence = Sentence("Ann's 12508 cars", ("Ann", "12508"))
    assert sentence.is_copied("Anns 12.508 Autos")
    assert sentence.is_copied("Les 12 508 voitures d'Ann")
    assert not sentence.is_copied("Anns 125089 Autos")
    assert not sentence.is_copied("Susann hat 12508 Autos")
    assert not sentence.is_copied("Ann hat 12507 Autos")


def test_a_hundred_sentences_are_always_the_same():
    sentences = list_sentences()
    assert len({sentence.text for sentence in sentences}) == 100
    assert sentences == list_sentences()
    assert all(s.parts and s.is_copied(s.text) for s in sentences)


def test_the_share_is_that_of_the_sentences_that_pass():
    assert judge(Echo())["share"] == 1
    result = judge(Echo(loses=True))
    assert result["share"] == 1 - len(result["failures"]) / 100 < 1


def test_a_preset_is_measured_and_its_failures_are_named():
    result = measure("translator_multi30k_en_de")
    assert result["share"] == pytest.approx(1 - len(result["failures"]) / 100)
    sources = [failure["source"] for failure in result["failures"]]
    assert "Okonjo lives in Ouagadougou." in sources
