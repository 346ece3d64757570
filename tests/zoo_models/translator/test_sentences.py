"""Texts of several sentences: taken apart, translated and put together."""

import numpy as np
import pytest

from rnnzoo import Translator
from tests.conftest import seed
from tests.tiny_translator import make_translator
from zoo_models.core.text_generator import Hypothesis
from zoo_models.translator.model import join_sentences

SENTENCES = ["A dog runs.", "The cat runs!", "The red dog."]
TEXT = " ".join(SENTENCES)


@pytest.fixture(scope="module")
def translator():
    seed(4)
    model = make_translator()
    network = model.network()
    network.set_weights([3 * weights for weights in network.get_weights()])
    model.preprocessor.splits_sentences = True
    return model


def test_a_text_is_the_translations_of_its_sentences(translator):
    texts = [TEXT, SENTENCES[0], "", TEXT + "\n" + TEXT]
    parts = translator.generate(SENTENCES, return_scores=True, verbose=0)
    answers = translator.generate(texts, return_scores=True, verbose=0, batch_size=2)
    joined = " ".join(part["translation"] for part in parts)
    assert answers[0]["translation"] == joined
    mean = np.mean([part["score"] for part in parts])
    np.testing.assert_allclose(answers[0]["score"], mean, atol=1e-5)
    assert answers[1]["translation"] == parts[0]["translation"]
    assert answers[2]["translation"] == ""
    assert answers[3]["translation"] == f"{joined} {joined}"
    assert answers[0]["confidence"] == pytest.approx(np.exp(mean), abs=1e-5)


def test_the_next_best_are_joined_too(translator):
    parts = translator.generate(SENTENCES, num_return=3, verbose=0)
    expected = [" ".join(texts) for texts in zip(*parts, strict=True)]
    assert translator.generate(TEXT, num_return=3) == expected


def test_no_more_than_so_many_are_read(translator):
    few = translator.generate(" ".join(SENTENCES[:1] * 64))
    assert translator.generate(" ".join(SENTENCES[:1] * 70)) == few
    assert few == " ".join([translator.generate(SENTENCES[0])] * 64)


def test_attention_is_that_of_the_whole_text(translator):
    answer = translator.generate(TEXT, return_attention=True)
    assert answer["attention"].shape == (len(answer["target"]), len(answer["source"]))
    np.testing.assert_allclose(answer["attention"].sum(axis=1), 1, atol=1e-5)
    assert answer["source"].count("▁dog") == 2


def test_a_preset_remembers_it(translator, tmp_path, monkeypatch):
    monkeypatch.setattr(translator.preprocessor.target, "spells", True)
    translator.save_to_preset(tmp_path / "mine")
    again = Translator.from_preset(tmp_path / "mine")
    assert again.preprocessor.splits_sentences
    assert again.preprocessor.target.spells
    assert not again.preprocessor.source.spells
    assert again.generate(TEXT) == translator.generate(TEXT)
    make_translator().save_to_preset(tmp_path / "whole")
    assert not Translator.from_preset(tmp_path / "whole").preprocessor.splits_sentences


def test_the_least_likely_sentence_says_how_sure_a_text_is(translator):
    ids = np.array([4, 3], "int32")
    values = [np.full((2, 2), i) for i in range(3)]
    pairs = zip((-1, -5, -3), values, strict=True)
    (joined,) = join_sentences([[Hypothesis(b"x", *pair, ids, ids)] for pair in pairs])
    assert (joined.text, joined.score) == (b"x x x", -3)
    assert joined.source.tolist() == joined.token_ids.tolist() == [4, 4, 4, 3]
    assert (joined.signals == 1).all()
