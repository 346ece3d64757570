"""From a TFDS set to a published preset, on a set that is learnt in seconds."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from rnnzoo import SentimentClassifier, ZooModel, evaluate_preset
from tests.conftest import make_classifier
from training.publish import publish
from training.train_sentiment import Config, train


@pytest.fixture(scope="module")
def config(tiny_data, tmp_path_factory):
    return Config(
        workdir=tmp_path_factory.mktemp("runs") / "one",
        dataset="tiny_reviews",
        data_dir=(tiny_data,),
        min_count=1,
        unlabelled_split="",
        teacher_folds=3,
        embedding_dim=8,
        units=4,
        word_dropout=0.1,
        epochs=12,
        batch_size=12,
        learning_rate=0.03,
        min_steps=1,
        warmup_steps=5,
        ema_momentum=0.8,
        validation_fraction=0.2,
    )


@pytest.fixture(scope="module")
def run(config):
    """A finished run and the metrics it returned."""
    return config.workdir, train(config)


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
    metadata = json.loads((folder / "preset" / "metadata.json").read_text())
    environment = metadata["training"]["environment"]
    assert {"python", "keras", "tensorflow", "cores"} <= set(environment)
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    card = (folder / "preset" / "README.md").read_text()
    assert card.startswith(f"# {folder.as_posix()}/preset\n")
    assert "There was one run" in card
    assert "stored in single precision" in card
    best = metrics["validation"]["epoch"]
    assert float(rows[best - 1]["val_loss"]) == min(float(r["val_loss"]) for r in rows)
    assert float(rows[best - 1]["val_loss"]) == metrics["validation"]["loss"]


@pytest.mark.slow
def test_a_run_starts_from_a_classifier(run, config, tmp_path):
    folder, _ = run
    settings = replace(
        config,
        workdir=tmp_path / "after",
        start_from=str(folder / "preset"),
        learning_rate=1e-9,
        negation_sentences=10,
        epochs=1,
    )
    train(settings)
    before = SentimentClassifier.from_preset(folder / "preset")
    after = SentimentClassifier.from_preset(tmp_path / "after" / "preset")
    for ours, theirs in zip(after.get_weights(), before.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    metadata = json.loads((tmp_path / "after" / "preset" / "metadata.json").read_text())
    command = json.loads((folder / "metrics.json").read_text())["command"]
    assert metadata["started_from"]["command"] == command
    card = (tmp_path / "after" / "preset" / "README.md").read_text()
    assert f"the classifier that `{command}` trains from random weights" in card
    settings.workdir = tmp_path / "other"
    settings.units = 5
    with pytest.raises(ValueError, match=r"`units` must be .* 4\. Received: 5"):
        train(settings)


def test_the_best_averaged_weights_are_kept(run, config, tiny_data):
    """What is on disk gives the validation figure of the best epoch."""
    from rnnzoo.datasets import open_dataset
    from training.core.holdout import split_validation
    from training.sentiment_classifier import data as text_data

    folder, metrics = run
    builder = open_dataset("tiny_reviews", [tiny_data])
    data = text_data.read_split(builder, "train", "text", "label")
    fraction = config.validation_fraction
    _, held_out = split_validation(len(data.labels), fraction, seed=0)
    validation = data.take(held_out)
    model = SentimentClassifier.from_preset(folder / "preset", temperature=1.0)
    loss, _ = model.evaluate(validation.texts, validation.labels, verbose=0)
    assert loss == pytest.approx(metrics["validation"]["loss"], abs=1e-4)
    (result,) = evaluate_preset(folder / "preset", data_dirs=[tiny_data])
    assert result["metrics"]["accuracy"] == pytest.approx(metrics["test"]["accuracy"])
    assert model.labels == ["negative", "positive"]


@pytest.mark.slow
def test_without_recurrence_nothing_is_carried(config, tmp_path):
    settings = {"workdir": tmp_path / "run", "recurrence": False, "epochs": 1}
    train(replace(config, **settings))
    model = ZooModel.from_preset(tmp_path / "run" / "preset")
    first, second = model.encode(["good w1 w2", "bad w1 w2"], return_states=True)
    forwards = model.units
    np.testing.assert_allclose(first[1:, :forwards], second[1:, :forwards], atol=1e-6)
    assert np.abs(first[0, :forwards] - second[0, :forwards]).max() > 1e-4


@pytest.mark.slow
def test_a_comparison_run_makes_no_preset(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    metrics = train(Config(smoke=True, cell="lstm"))
    folder = tmp_path / "build" / "smoke" / "train_sentiment"
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    assert metrics["test"]["examples"] == 64
    assert not (folder / "preset").exists()
    assert (folder / "model.weights.h5").exists()
    assert not (folder / "checkpoint.npz").exists()


def test_a_run_that_learnt_nothing_warns(config, tmp_path, capsys):
    settings = {"limit_train": 40, "learning_rate": 1e-9, "epochs": 1}
    metrics = train(replace(config, workdir=tmp_path / "run", **settings))
    printed = capsys.readouterr().out
    warning = metrics["warning"]
    assert "better than the most frequent class: accuracy 0." in warning
    assert f"\nWarning: {warning}\n" in printed
    assert "\nthe most frequent class: accuracy 0.5" in printed
    card = (tmp_path / "run" / "preset" / "README.md").read_text()
    assert f"### Warning\n\n{warning}\n" in card
    assert metrics["examples"] == 40
    assert metrics["validation"]["examples"] == 13


def test_a_finished_run_is_not_overwritten(run, config):
    with pytest.raises(FileExistsError, match="holds a finished run"):
        train(config)


def test_publish(run, tiny_data, tmp_path, monkeypatch):
    folder, metrics = run
    monkeypatch.setattr("zoo_models.core.presets.PRESETS_FOLDER", tmp_path / "presets")
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
    assert "`python -m training.train_sentiment --dataset tiny_reviews --" in card
    assert " --set min_count=1 " in card
    assert str(tiny_data) not in card + (preset / "metadata.json").read_text()
    model = ZooModel.from_preset("tiny_en")
    assert model.classify("a moving film")["label"] == "positive"
    # It came calibrated, and says so.
    assert metadata["confidence"]["inputs"][0]["examples"] == 40
    assert "### Confidence" in card
    assert model.classify("w1 moving w2 w3")["confidence"] > 0.5
    assert model.classify("")["warning"] == "it knows none of the words"
    with pytest.raises(FileNotFoundError, match="not a finished run"):
        publish([tmp_path], "tiny_en", (tiny_data,))


def test_evaluation_refuses_other_classes(run, tiny_data, tmp_path):
    make_classifier(labels=["dog", "cat"]).save_to_preset(tmp_path / "pets")
    settings = {"dataset": "tiny_reviews", "data_dirs": [tiny_data]}
    with pytest.raises(ValueError, match="must have the model's classes"):
        evaluate_preset(tmp_path / "pets", **settings)
    with pytest.raises(ValueError, match="`limit` must be a positive integer"):
        evaluate_preset(run[0] / "preset", data_dirs=[tiny_data], limit=0)


@pytest.mark.parametrize("name", ["/etc/x", ".", "..", "A B", "runs/two"])
def test_publish_refuses_names_that_lead_elsewhere(run, name):
    folder, _ = run
    with pytest.raises(ValueError, match="lower-case letters, digits and '_'"):
        publish([folder], name)


def test_publish_refuses_runs_of_different_recipes(run, tmp_path):
    folder, _ = run
    other = shutil.copytree(folder, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    config["learning_rate"] = 1.0
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="differ in nothing but their seed"):
        publish([folder, other], "tiny_en")


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
    changed = replace(config, workdir=tmp_path / "run", **changes)
    with pytest.raises(ValueError, match=message):
        train(changed)
    assert not (tmp_path / "run" / "metrics.json").exists()
