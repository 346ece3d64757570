"""BLEU by score, on translations whose quality is known."""

import pytest
from click.testing import CliRunner

from rnnzoo import Translator
from rnnzoo.datasets import open_dataset
from tests.tiny_tatoeba import HELD_OUT, expect_small_archive, write_archive
from tests.tiny_translator import make_translator
from training.measure_scores import PARTS, main, measure_scores


@pytest.fixture
def data(tmp_path, monkeypatch):
    expect_small_archive(monkeypatch)
    lines = [f"Sentence {i}.\tDas ist hier der Satz {i} von allen." for i in range(12)]
    write_archive(tmp_path, lines)
    open_dataset("tatoeba/en_de", [tmp_path / "data"], tmp_path)
    return tmp_path / "data"


def save(folder):
    dataset = {"name": "tatoeba/en_de", "source": "en", "target": "de"}
    entries = [{"dataset": dataset, "split": "test"}]
    metadata = {"dataset": dataset, "measured_on": entries}
    make_translator().save_to_preset(folder, metadata)


def test_the_third_that_is_right_is_told_by_its_scores(data, tmp_path, monkeypatch):
    save(tmp_path / "mine")
    examples = open_dataset("tatoeba/en_de", [data]).as_dataset(split="test")
    known = {e["en"]: e["de"][0].decode() for e in examples.as_numpy_iterator()}

    def generate(self, texts, return_scores, verbose):
        """A third is translated as people did, and another in part."""
        answers = []
        for i, text in enumerate(texts):
            words = known[text].split()
            right = " ".join(words[: (8, 5, 0)[i % 3]]) or "nichts"
            answers.append({"translation": right, "score": -0.1 - i % 3})
        return answers

    monkeypatch.setattr(Translator, "generate", generate)
    (found,) = measure_scores(tmp_path / "mine", None, [str(data)])
    assert found["examples"] == HELD_OUT["test"]
    best, middle, worst = (found[name] for name in PARTS)
    assert best[0] == pytest.approx(100)
    assert best[1:] == pytest.approx((-0.1, -0.1))
    assert worst[1:] == pytest.approx((-2.1, -2.1))
    assert best[0] > found["all"] > worst[0]
    assert best[0] > middle[0] > worst[0]


def test_the_command_prints_the_thirds(data, tmp_path):
    save(tmp_path / "mine")
    arguments = [str(tmp_path / "mine"), "--data-dir", str(data), "--limit", "3"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("tatoeba/en_de, test, 3 sentences: sacreBLEU")
    assert [line.split()[0] for line in lines[1:]] == list(PARTS)
    result = CliRunner().invoke(main, [*arguments[:3], "--limit", "2"])
    assert result.exit_code == 2
