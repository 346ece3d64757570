"""BLEU by score, on translations whose quality is known."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from rnnzoo import ImageCaptioner, Translator
from rnnzoo.datasets import open_dataset
from tests.tiny_captioner import CAPTIONS, CLASS_WORDS, IMAGES, make_captioner
from tests.tiny_tatoeba import HELD_OUT, expect_small_archive, write_archive
from tests.tiny_translator import make_translator
from training.measure_naming import main as name
from training.measure_naming import measure_naming
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
    assert lines[0].startswith("tatoeba/en_de, test, 3 examples: sacreBLEU")
    assert [line.split()[0] for line in lines[1:]] == list(PARTS)
    result = CliRunner().invoke(main, [*arguments[:3], "--limit", "2"])
    assert result.exit_code == 2


@pytest.fixture
def photographs(tmp_path):
    """Images and captions of one's own."""
    folder = tmp_path / "photographs"
    (folder / "images").mkdir(parents=True)
    for i, pixels in enumerate(IMAGES):
        Image.fromarray(pixels).save(folder / "images" / f"{i}.png")
    entries = [{"file": f"{i}.png", "captions": c} for i, c in enumerate(CAPTIONS)]
    (folder / "captions.json").write_text(json.dumps(entries))
    return folder


def test_captions_of_a_folder_are_measured(photographs, tmp_path, monkeypatch):
    make_captioner().save_to_preset(tmp_path / "mine")
    written = [("the bright field", -1.0), ("night", -0.5), ("a a a", -3.0)]

    def generate(self, paths, return_scores, verbose):
        names = ["0.png", "1.png", "2.png"]
        assert [path[-5:] for path in paths] == names[: len(paths)]
        some = written[: len(paths)]
        return [{"caption": text, "score": score} for text, score in some]

    monkeypatch.setattr(ImageCaptioner, "generate", generate)
    found = list(measure_scores(tmp_path / "mine", folder=photographs))
    assert [one["metric"] for one in found] == ["CIDEr-D"]
    values = [found[0][name][0] for name in PARTS]
    assert values[2] == 0 < min(values[:2])
    assert found[0]["all"] == pytest.approx(np.mean(values))
    (part,) = measure_scores(tmp_path / "mine", 3, folder=photographs)
    assert part == found[0]


def test_what_writes_no_captions_cannot_caption_a_folder(photographs, tmp_path):
    save(tmp_path / "mine")
    with pytest.raises(ValueError, match="images to caption"):
        list(measure_scores(tmp_path / "mine", folder=photographs))
    with pytest.raises(ValueError, match="translators and captioners"):
        list(measure_scores("image_classifier_mnist_rows"))


def test_words_that_are_only_copied_are_counted(photographs, tmp_path, monkeypatch):
    make_captioner(class_words=CLASS_WORDS).save_to_preset(tmp_path / "mine")
    written = ["a red room", "the dark room", "the red field"]
    monkeypatch.setattr(ImageCaptioner, "generate", lambda self, paths: written)
    (word,) = (found := measure_naming(tmp_path / "mine", photographs))
    counts = found[word]
    assert word == "red"
    assert (counts.people, counts.captioner, counts.both) == (1, 2, 1)
    arguments = [str(tmp_path / "mine"), "--folder", str(photographs)]
    result = CliRunner().invoke(name, arguments)
    assert result.output.splitlines()[1].split() == ["red", "1", "2", "1"]
    make_captioner().save_to_preset(tmp_path / "other")
    result = CliRunner().invoke(name, [str(tmp_path / "other"), *arguments[1:]])
    assert result.exit_code == 1
    assert "which has none" in result.output
