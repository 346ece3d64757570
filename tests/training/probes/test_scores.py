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
from training.measure import main
from training.probes import naming
from training.probes.scores import THIRDS, measure


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
    (found,) = measure(tmp_path / "mine", [str(data)])["splits"]
    assert found["examples"] == HELD_OUT["test"]
    best, middle, worst = (found[name] for name in THIRDS)
    assert best["value"] == pytest.approx(100)
    assert (best["lowest"], best["highest"]) == pytest.approx((-0.1, -0.1))
    assert (worst["lowest"], worst["highest"]) == pytest.approx((-2.1, -2.1))
    assert best["value"] > found["all"] > worst["value"]
    assert best["value"] > middle["value"] > worst["value"]


def test_the_command_prints_the_thirds(data, tmp_path):
    save(tmp_path / "mine")
    arguments = ["scores", str(tmp_path / "mine"), "--data-dir", str(data), "--limit"]
    result = CliRunner().invoke(main, [*arguments, "3"])
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.output)["splits"]
    assert found["dataset"].startswith("tatoeba/en_de:")
    assert (found["split"], found["examples"]) == ("test", 3)
    assert (found["metric"], {*THIRDS} <= {*found}) == ("sacreBLEU", True)
    result = CliRunner().invoke(main, [*arguments, "2"])
    assert "must be three or more" in result.output


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
    found = measure(tmp_path / "mine", folder=photographs)["splits"]
    assert [one["metric"] for one in found] == ["CIDEr-D"]
    values = [found[0][name]["value"] for name in THIRDS]
    assert values[2] == 0 < min(values[:2])
    assert found[0]["all"] == pytest.approx(np.mean(values))
    (part,) = measure(tmp_path / "mine", limit=3, folder=photographs)["splits"]
    assert part == found[0]


def test_what_writes_no_captions_cannot_caption_a_folder(photographs, tmp_path):
    save(tmp_path / "mine")
    with pytest.raises(ValueError, match="Only a captioner"):
        measure(tmp_path / "mine", folder=photographs)
    with pytest.raises(ValueError, match="translators and captioners"):
        measure("image_classifier_mnist_rows")


def test_words_that_are_only_copied_are_counted(photographs, tmp_path, monkeypatch):
    make_captioner(class_words=CLASS_WORDS).save_to_preset(tmp_path / "mine")
    written = ["a red room", "the dark room", "the red field"]
    monkeypatch.setattr(ImageCaptioner, "generate", lambda self, paths: written)
    found = naming.measure(tmp_path / "mine", photographs)
    assert found["words"] == {"red": {"people": 1, "captioner": 2, "both": 1}}
    assert found["all"] == found["words"]["red"]
    make_captioner().save_to_preset(tmp_path / "other")
    arguments = ["naming", str(tmp_path / "other"), "--folder", str(photographs)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "which has none" in result.output
