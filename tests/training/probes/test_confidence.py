"""Calibrating a preset: on what it held out, with figures of what it catches."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from rnnzoo import ZooModel
from rnnzoo.datasets import find_feature, open_dataset
from rnnzoo.text import Tokenizer, Vocabulary
from tests.conftest import make_classifier
from tests.tiny_sets import WORDS
from training.core.holdout import split_validation
from training.measure import main
from training.probes.confidence import auroc, read_validation
from training.sentiment_classifier import data as text_data
from zoo_models.core.confidence import Calibration, Range
from zoo_models.core.presets import read_config, read_metadata, verify
from zoo_models.core.saving import seal, write_json

RECIPE = {"validation_fraction": 0.25}


@pytest.fixture
def preset(tiny_data, tmp_path):
    """A classifier of the tiny set that nobody calibrated."""
    builder = open_dataset("tiny_reviews", [tiny_data])
    names = {kind: find_feature(builder, kind, None) for kind in ("text", "label")}
    metadata = {
        "name": "tiny",
        "licence": "CC0-1.0",
        "dataset": {"name": "tiny_reviews", "version": "1.0.0", **names},
        "evaluations": [],
        "training": {
            "command": "python -m training",
            "minutes": 1,
            "config": RECIPE,
            "environment": {"cores": 2, "keras": "3", "tensorflow": "2"},
            "seeds": {
                "metric": "accuracy",
                "runs": [{"seed": 1, "validation": 0.5, "test": 0.5}],
            },
        },
    }
    folder = tmp_path / "tiny"
    words = [*(f"w{n}" for n in range(20)), *WORDS[0], *WORDS[1]]
    tokenizer = Tokenizer(Vocabulary(words))
    model = make_classifier(
        vocabulary_size=len(tokenizer.vocabulary),
        preprocessor=tokenizer,
    )
    model.save_to_preset(folder, metadata)
    return folder


def test_the_validation_inputs_are_those_that_training_held_out(preset, tiny_data):
    builder = open_dataset("tiny_reviews", [tiny_data])
    metadata = read_metadata(preset)
    model = ZooModel.from_preset(preset)
    received = read_validation(builder, model, metadata)
    names = [metadata["dataset"][kind] for kind in ("text", "label")]
    data = text_data.read_split(builder, "train", *names)
    training, validation = split_validation(data, 0.25, seed=0)
    assert sorted(received) == sorted(validation.texts)
    assert len(received) + len(training.texts) == len(data.texts)


def test_a_preset_is_calibrated_where_it_lies(preset, tiny_data):
    before = (preset / "model.weights.h5").read_bytes()
    arguments = ["confidence", str(preset), "--data-dir", str(tiny_data), "--write"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    measured = json.loads(result.stdout)
    verify(preset)
    assert (preset / "model.weights.h5").read_bytes() == before
    metadata = read_metadata(preset)
    assert metadata["confidence"]["inputs"] == measured["inputs"]
    known, *foreign = measured["inputs"]
    assert known["name"] == "split test"
    kinds = {kind["name"]: kind for kind in foreign}
    assert kinds["empty texts"]["marked"] == 1.0
    assert ZooModel.from_preset(preset).classify("")["confidence"] < 0.5
    assert "| empty texts | 3 | 100.0% |" in (preset / "README.md").read_text()


def test_a_calibration_of_other_signals_is_replaced(preset, tiny_data):
    config, metadata = read_config(preset), read_metadata(preset)
    other = Calibration({"other": Range(0.0, 1.0, None)}).to_json()
    write_json(preset / "config.json", {**config, "confidence": other})
    seal(preset, metadata)
    arguments = ["confidence", str(preset), "--data-dir", str(tiny_data), "--write"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "confidence" in ZooModel.from_preset(preset).classify("w1")
    assert "other" not in read_config(preset)["confidence"]["ranges"]


def test_without_validation_inputs_it_says_what_is_missing(preset, tiny_data):
    builder = open_dataset("tiny_reviews", [tiny_data])
    metadata = {**read_metadata(preset), "training": {}}
    with pytest.raises(ValueError, match="a split 'validation', or"):
        read_validation(builder, ZooModel.from_preset(preset), metadata)


def test_auroc_is_the_share_of_pairs_in_order():
    rng = np.random.default_rng(0)
    known, foreign = rng.integers(0, 9, 40) / 9, rng.integers(0, 7, 30) / 9
    pairs = np.sign(known[:, None] - foreign[None, :])
    assert auroc(known, foreign) == pytest.approx(np.mean((pairs + 1) / 2))
    assert auroc(np.array([0.9, 0.8]), np.array([0.1])) == 1.0
    assert auroc(np.array([0.5]), np.array([0.5])) == 0.5
