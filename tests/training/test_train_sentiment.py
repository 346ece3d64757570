"""From a TFDS set to a published preset, on a set that is learnt in seconds."""

import csv
import json

import pytest

from rnnzoo import ZooModel, evaluate_preset
from training.publish import publish
from training.train_sentiment import Config, train


@pytest.fixture(scope="module")
def config(tiny_data, tmp_path_factory):
    return Config(
        workdir=tmp_path_factory.mktemp("runs") / "one",
        dataset="tiny_reviews",
        data_dir=(tiny_data,),
        min_count=1,
        bigram_min_count=2,
        teacher_folds=3,
        embedding_dim=8,
        units=4,
        word_dropout=0.1,
        epochs=12,
        patience=12,
        batch_size=12,
        learning_rate=0.03,
        warmup_steps=5,
        ema_momentum=0.8,
        validation_fraction=0.2,
    )


@pytest.fixture(scope="module")
def run(config):
    """A finished run and the metrics it returned."""
    return config.workdir, train(config, "the command")


def test_it_learns(run):
    _, metrics = run
    assert metrics["validation"]["accuracy"] > 0.8
    assert metrics["test"]["accuracy"] > 0.8
    assert metrics["validation"]["examples"] == 24
    assert metrics["test"]["examples"] == 40


def test_the_folder_tells_what_happened(run, config):
    folder, metrics = run
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    saved = json.loads((folder / "config.json").read_text())
    assert saved["learning_rate"] == config.learning_rate
    assert saved["workdir"] == str(folder)
    environment = json.loads((folder / "environment.json").read_text())
    assert {"python", "keras", "tensorflow", "cores"} <= set(environment)
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    best = metrics["validation"]["epoch"]
    assert float(rows[best - 1]["val_loss"]) == min(float(r["val_loss"]) for r in rows)
    assert float(rows[best - 1]["val_loss"]) == metrics["validation"]["loss"]


def test_the_best_averaged_weights_are_kept(run, config, tiny_data):
    """What is on disk gives the validation figure of the best epoch."""
    from rnnzoo.datasets import open_dataset
    from training import text_data

    folder, metrics = run
    builder = open_dataset("tiny_reviews", [tiny_data])
    data = text_data.read_split(builder, "train", "text", "label")
    _, validation = text_data.split_validation(data, config.validation_fraction, seed=0)
    model = ZooModel.from_preset(folder / "preset")
    loss, _ = model.evaluate(validation.texts, validation.labels, verbose=0)
    assert loss == pytest.approx(metrics["validation"]["loss"], abs=1e-4)
    (result,) = evaluate_preset(folder / "preset", data_dirs=[tiny_data])
    assert result["metrics"]["accuracy"] == pytest.approx(metrics["test"]["accuracy"])
    assert model.labels == ["negative", "positive"]


def test_a_finished_run_is_not_overwritten(run, config):
    with pytest.raises(FileExistsError, match="holds a finished run"):
        train(config, "again")


def test_publish(run, tiny_data, tmp_path, monkeypatch):
    folder, metrics = run
    monkeypatch.setattr("zoo_models.presets.PRESETS_FOLDER", tmp_path / "presets")
    metadata = publish([folder], "tiny_en", (tiny_data,))
    preset = tmp_path / "presets" / "tiny_en"
    assert metadata == json.loads((preset / "metadata.json").read_text())
    (evaluation,) = metadata["evaluations"]
    assert evaluation["preset"] == "tiny_en"
    assert evaluation["num_examples"] == 40
    assert evaluation["metrics"]["accuracy"] == pytest.approx(
        metrics["test"]["accuracy"], abs=0.03
    )
    card = (preset / "README.md").read_text()
    assert f"| accuracy | {evaluation['metrics']['accuracy']:.4f} |" in card
    assert "`the command`" in card
    model = ZooModel.from_preset("tiny_en")
    assert model.classify("a moving film")["label"] == "positive"
    with pytest.raises(FileNotFoundError, match="not a finished run"):
        publish([tmp_path], "tiny_en", (tiny_data,))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": "label"}, r"one of \['text'\]. Received: 'label'"),
        ({"train_split": "dev"}, "Received: 'dev'"),
        ({"validation_fraction": 1.0}, "Received: 1.0"),
        ({"dataset": "nonsense"}, "Received: 'nonsense'"),
    ],
)
def test_bad_settings_are_named(config, tmp_path, changes, message):
    import dataclasses

    changed = dataclasses.replace(config, workdir=tmp_path / "run", **changes)
    with pytest.raises(ValueError, match=message):
        train(changed, "")
    assert not (tmp_path / "run" / "metrics.json").exists()
