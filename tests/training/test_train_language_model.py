"""From a TFDS set to language models of both directions, on a set learnt in seconds."""

import csv
import dataclasses
import json
import shutil

import numpy as np
import pytest

from rnnzoo import LanguageModel, evaluate_preset
from training.core.numbers import rounded
from training.publish import publish
from training.train_language_model import BACKWARD, Config, train


@pytest.fixture(scope="module")
def config(tiny_data, tmp_path_factory):
    return Config(
        workdir=tmp_path_factory.mktemp("runs") / "one",
        dataset="tiny_reviews",
        data_dir=(tiny_data,),
        train_split="train",
        validation_texts=20,
        test_texts=None,
        min_count=1,
        vocabulary_size=100,
        num_sampled=12,
        embedding_dim=8,
        units=6,
        epochs=3,
        min_steps=1,
        batch_size=4,
        window=7,
        learning_rate=0.02,
        warmup_steps=5,
        ema_momentum=0.8,
        checkpoint_every=10,
    )


@pytest.fixture(scope="module")
def run(config):
    """A finished run and the metrics it returned."""
    return config.workdir, train(config)


def test_it_learns_in_both_directions(run):
    folder, metrics = run
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    for name in ("loss", "val_loss", "val_perplexity", "val_perplexity_backward"):
        values = [float(row[name]) for row in rows]
        assert values[-1] < values[0], name
    # There are 26 words, the end among them.
    assert metrics["test"]["perplexity"] < 26
    assert metrics["test"]["examples"] == 40
    assert metrics["validation"]["examples"] == 20


def test_what_is_measured_is_what_was_saved(run, tiny_data):
    folder, metrics = run
    (result,) = evaluate_preset(folder / "preset", data_dirs=[tiny_data])
    expected = metrics["test"]["perplexity"]
    assert result["metrics"]["perplexity"] == pytest.approx(expected, rel=1e-5)
    card = (folder / "preset" / "README.md").read_text(encoding="utf-8")
    assert (
        f"| tiny_reviews:1.0.0 | test | 40 | perplexity | {rounded(expected)} |" in card
    )
    for words in ("LanguageModel.from_preset", "20 of its texts", "among 12 words"):
        assert words in " ".join(card.split()), words


def test_the_backward_model_lies_beside_it(run):
    folder, _ = run
    forward = LanguageModel.from_preset(folder / "preset")
    backward = LanguageModel.from_preset(folder / BACKWARD)
    # One table, two layers.
    same = [
        np.array_equal(one.numpy(), other.numpy())
        for one, other in zip(
            forward.network().weights, backward.network().weights, strict=True
        )
    ]
    assert same == [True, True, False, False, False, False, False]
    assert backward.origin.metadata["direction"] == "backward"
    assert backward.preprocessor.vocabulary.tokens == (
        forward.preprocessor.vocabulary.tokens
    )


@pytest.mark.slow
def test_without_recurrence_w_stays_zero(config, tmp_path):
    settings = {"workdir": tmp_path / "run", "recurrence": False, "epochs": 1}
    train(dataclasses.replace(config, **settings))
    for name in ("preset", BACKWARD):
        model = LanguageModel.from_preset(tmp_path / "run" / name)
        assert not model.words.layer.cell.recurrent_kernel.numpy().any()
        first, second = model.encode(["good w1 w2", "bad w1 w2"], return_states=True)
        assert np.abs(first[1] - second[1]).max() > 1e-4
        np.testing.assert_allclose(first[2:], second[2:], atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"cell": "lstm"}, {"precision": "bfloat16"}])
def test_a_comparison_run_makes_no_preset(tmp_path, monkeypatch, settings):
    monkeypatch.chdir(tmp_path)
    metrics = train(Config(smoke=True, directions="forward", **settings))
    folder = tmp_path / "build" / "smoke" / "train_language_model"
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    assert metrics["test"].keys() == {"examples", "perplexity"}
    assert "perplexity_backward" not in metrics["validation"]
    assert not (folder / BACKWARD).exists()
    assert (folder / "preset").exists() == ("cell" not in settings)
    assert (folder / "model.weights.h5").exists() == ("cell" in settings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": 0}, "`window` must be a positive integer"),
        ({"train_split": "train+dev"}, "Received: 'dev'"),
        ({"window": 900}, "Use a smaller --batch-size or `window`"),
    ],
)
def test_bad_settings_are_named(config, tmp_path, changes, message):
    changed = dataclasses.replace(config, workdir=tmp_path / "run", **changes)
    with pytest.raises(ValueError, match=message):
        train(changed)
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_the_run_of_the_lowest_perplexity_is_published(
    run, tiny_data, tmp_path, monkeypatch
):
    folder, metrics = run
    folders = [folder]
    for seed, factor in ((2, 0.5), (3, 2.0)):
        other = shutil.copytree(folder, tmp_path / str(seed))
        changed = json.loads((other / "metrics.json").read_text())
        changed["seed"] = seed
        changed["validation"]["perplexity"] *= factor
        (other / "metrics.json").write_text(json.dumps(changed))
        folders.append(other)
    monkeypatch.setattr("zoo_models.core.presets.PRESETS_FOLDER", tmp_path / "presets")
    metadata = publish(folders, "tiny_lm_en", (tiny_data,))
    assert metadata["training"]["seed"] == 2
    assert metadata["training"]["seeds"]["metric"] == "perplexity"
    (evaluation,) = metadata["evaluations"]
    expected = metrics["test"]["perplexity"]
    assert evaluation["metrics"]["perplexity"] == pytest.approx(expected, rel=0.01)
    card = (tmp_path / "presets" / "tiny_lm_en" / "README.md").read_text()
    assert "best perplexity on validation" in " ".join(card.split())
