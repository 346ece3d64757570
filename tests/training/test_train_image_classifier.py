"""From a TFDS set of images to a published preset, on made-up ones."""

import json

import numpy as np
import pytest

from rnnzoo import ZooModel, evaluate_preset
from training.cards.card import CARDS
from training.publish import publish
from training.train_image_classifier import Config, train


@pytest.fixture(scope="module")
def config(tiny_images, tmp_path_factory):
    return Config(
        workdir=tmp_path_factory.mktemp("runs") / "one",
        dataset="tiny_shapes",
        data_dir=(tiny_images,),
        units=(12,),
        kind="objects",
        shift=0.5,
        epochs=12,
        batch_size=12,
        learning_rate=0.02,
        min_steps=1,
        warmup_steps=5,
        ema_momentum=0.8,
        validation_fraction=0.2,
    )


@pytest.fixture(scope="module")
def run(config):
    """A finished run and the metrics it returned."""
    return config.workdir, train(config)


def test_it_learns(run, tiny_images):
    folder, metrics = run
    assert metrics["validation"]["examples"] == 24
    assert metrics["validation"]["accuracy"] > 0.8
    assert metrics["test"]["accuracy"] > 0.8
    (result,) = evaluate_preset(folder / "preset", data_dirs=[tiny_images])
    assert result["num_examples"] == 40
    assert result["metrics"]["accuracy"] == pytest.approx(metrics["test"]["accuracy"])
    model = ZooModel.from_preset(folder / "preset")
    assert model.labels == ["lying", "standing"]
    assert model.image_shape == (8, 9, 3)


def test_publish(run, tiny_images, tmp_path, monkeypatch):
    from zoo_models.core.presets import list_presets, verify

    folder, _ = run
    monkeypatch.setattr("zoo_models.core.presets.PRESETS_FOLDER", tmp_path / "presets")
    monkeypatch.setitem(
        CARDS, ("ImageClassifier", "tiny_shapes"), CARDS["ImageClassifier", "mnist"]
    )
    monkeypatch.setattr("training.probes.pages.PAGES_OF_A_DIGIT", 1)
    metadata = publish([folder], "tiny_shapes", (tiny_images,))
    preset = tmp_path / "presets" / "tiny_shapes"
    card = (preset / "README.md").read_text()
    accuracy = metadata["evaluations"][0]["metrics"]["accuracy"]
    assert f"| accuracy | {accuracy:.4f} |" in card
    assert "### Class by class" in card
    assert "`python -m training.train_image_classifier --dataset tiny_shapes" in card
    matrix = np.array(metadata["confusion"]["counts"])
    assert matrix.sum(axis=1).tolist() == [20, 20]
    assert np.trace(matrix) / 40 == accuracy
    verify(preset)
    known, *foreign = metadata["confidence"]["inputs"]
    assert (known["name"], known["examples"]) == ("split test", 40)
    assert all(0.0 <= kind["auroc"] <= 1.0 for kind in foreign)
    assert f"| noise | 200 | {foreign[0]['marked']:.1%} |" in card
    assert "| wall | " in card
    drawn = ["two.png", "three_white_on_black.png", "five_thin.png"]
    assert metadata["examples"][:3] == drawn
    assert {*drawn, "README.md"} <= set(metadata["files"])
    (listed,) = list_presets()
    assert listed.examples[:3] == [str(preset / name) for name in drawn]
    assert len(ZooModel.from_preset("tiny_shapes").classify(listed.examples)) == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "read", "shape"),
    [("cifar10", "rows", (32, 32, 3)), ("emnist", "whole", (28, 28, 1))],
)
def test_any_set_by_name(name, read, shape, tmp_path, monkeypatch):
    """Made up by TFDS in the form of the set; what comes out answers and exports."""
    monkeypatch.chdir(tmp_path)
    metrics = train(Config(smoke=True, dataset=name, read=read))
    folder = tmp_path / "build/smoke/train_image_classifier"
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    model = ZooModel.from_preset(folder / "preset")
    assert (model.image_shape, model.read, model.is_ink) == (
        shape,
        read,
        name == "emnist",
    )
    photo = np.random.default_rng(0).integers(0, 256, (50, 40, 3), "uint8")
    assert model.classify(photo)["label"] in model.labels
    assert (model.export(tmp_path / "models") / "saved_model.pb").is_file()


def test_images_of_different_sizes_need_a_size():
    from types import SimpleNamespace

    import tensorflow_datasets as tfds

    from training.image_classifier.data import find_image_shape

    features = {"image": tfds.features.Image(shape=(None, None, 3))}
    builder = SimpleNamespace(name="photos", info=SimpleNamespace(features=features))
    with pytest.raises(ValueError, match="of one size.*--set image_size"):
        find_image_shape(builder, "image")
