"""Presets on disk: what is saved comes back; what is damaged is refused."""

import json

import numpy as np
import pytest

from rnnzoo import (
    SentimentClassifierPreprocessor,
    ZooModel,
    list_presets,
)
from tests.conftest import seed
from tests.tiny_zoo import TINY, answers
from zoo_models.core.presets import (
    PRESETS_FOLDER,
    find_preset,
    verify,
)

TEXTS = ["a good film", "dull"]
every_model = pytest.mark.parametrize("name", TINY)
NAMES = [preset.name for preset in list_presets()]


def scores(model):
    return [answer["score"] for answer in model.classify(TEXTS)]


@every_model
def test_round_trip(name, tmp_path):
    make, inputs = TINY[name]
    seed(3)
    model = make()
    model.save_to_preset(tmp_path / "tiny")
    loaded = ZooModel.from_preset(tmp_path / "tiny")
    assert type(loaded) is type(model)
    assert loaded.preset == "tiny"
    assert loaded.get_config() == {**model.get_config(), "name": loaded.name}
    settings = (m.preprocessor.save(tmp_path) for m in (loaded, model))
    assert next(settings) == next(settings)
    for left, right in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    for ours, theirs in zip(
        answers(loaded, inputs), answers(model, inputs), strict=True
    ):
        for key in ("score", "confidence"):
            assert ours.pop(key) == pytest.approx(theirs.pop(key), abs=1e-5)
        assert ours == theirs


def test_half_precision_on_disk(classifier, tmp_path):
    for dtype in ("float32", "float16"):
        classifier.save_to_preset(tmp_path / dtype, weights_dtype=dtype)
    loaded = ZooModel.from_preset(tmp_path / "float16")
    assert {w.dtype for w in loaded.weights} == {"float32"}
    expected = classifier.get_weights()[0].astype("float16").astype("float32")
    np.testing.assert_array_equal(loaded.get_weights()[0], expected)
    with pytest.raises(ValueError, match="Received: 'int8'"):
        classifier.save_to_preset(tmp_path / "int8", weights_dtype="int8")


def test_training_state_is_not_saved(classifier, tmp_path):
    classifier.fit(TEXTS, [1, 0], verbose=0)
    classifier.save_to_preset(tmp_path / "trained")
    import h5py

    with h5py.File(tmp_path / "trained" / "model.weights.h5") as file:
        assert "optimizer" not in file


def test_without_weights(preset_folder, classifier):
    fresh = ZooModel.from_preset(preset_folder, load_weights=False)
    assert scores(fresh) != pytest.approx(scores(classifier), abs=1e-6)


def test_overrides_keep_what_fits(preset_folder, classifier):
    with pytest.warns(UserWarning, match="head"):
        model = ZooModel.from_preset(preset_folder, labels=["x", "y", "z"])
    assert len(model.classify("a film", top=5)) == 3
    np.testing.assert_array_equal(
        model.get_layer("embedding").get_weights()[0],
        classifier.get_layer("embedding").get_weights()[0],
    )
    arrays = ZooModel.from_preset(preset_folder, preprocessor=None)
    assert arrays.preprocessor is None


def test_a_save_replaces_the_last_one_or_leaves_it(preset_folder, monkeypatch):
    model = ZooModel.from_preset(preset_folder)
    model.fit(TEXTS, [1, 0], verbose=0)
    model.save_to_preset(preset_folder)
    expected = scores(model)
    model.fit(TEXTS, [1, 0], verbose=0)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(SentimentClassifierPreprocessor, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        model.save_to_preset(preset_folder)
    assert scores(ZooModel.from_preset(preset_folder)) == pytest.approx(expected)
    assert [p.name for p in preset_folder.parent.iterdir()] == ["tiny"]


def test_a_folder_of_other_things_is_not_replaced(classifier, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not a preset"):
        classifier.save_to_preset(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@every_model
def test_damage_is_noticed(name, tmp_path):
    make, _ = TINY[name]
    make().save_to_preset(tmp_path / "tiny")
    files = [p for p in (tmp_path / "tiny").iterdir() if p.name != "metadata.json"]
    assert len(files) >= 2
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        with pytest.raises(ValueError, match=f"{path.name} is damaged.*SHA-256"):
            ZooModel.from_preset(tmp_path / "tiny")
        path.unlink()
        with pytest.raises(ValueError, match="must be one of|is missing"):
            ZooModel.from_preset(tmp_path / "tiny")
        path.write_bytes(content)


def test_a_folder_without_hashes_warns(preset_folder):
    (preset_folder / "metadata.json").unlink()
    with pytest.warns(UserWarning, match="not checked"):
        ZooModel.from_preset(preset_folder)


def test_hashes_must_cover_every_file(preset_folder):
    path = preset_folder / "metadata.json"
    metadata = json.loads(path.read_text())
    del metadata["files"]["model.weights.h5"]
    path.write_text(json.dumps(metadata))
    with pytest.raises(ValueError, match=r"no SHA-256 of \['model.weights.h5'\]"):
        ZooModel.from_preset(preset_folder)
    path.write_text(json.dumps({"files": ["a"]}))
    with pytest.raises(ValueError, match="must map names"):
        ZooModel.from_preset(preset_folder)


def test_misspelt_arguments_are_named(preset_folder):
    with pytest.raises(TypeError, match=r"no arguments \['labls'\]"):
        ZooModel.from_preset(preset_folder, labls=["a", "b"])


def test_foreign_classes_are_refused(preset_folder):
    config = json.loads((preset_folder / "config.json").read_text())
    config["class_name"] = "os.system"
    (preset_folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="Received: 'os.system'"):
        ZooModel.from_preset(preset_folder)
    (preset_folder / "config.json").write_text("{")
    with pytest.raises(ValueError, match="is not the config of a preset"):
        ZooModel.from_preset(preset_folder)


def test_a_class_refuses_presets_of_others(preset_folder):
    class Other(ZooModel):
        pass

    with pytest.raises(ValueError, match="Received: .*a SentimentClassifier"):
        Other.from_preset(preset_folder)


def test_unknown_names_get_the_known_ones():
    with pytest.raises(ValueError, match="Received: 'nonsense'. Names: "):
        ZooModel.from_preset("nonsense")


@pytest.mark.parametrize("name", NAMES)
def test_a_published_preset_is_whole(name):
    folder = find_preset(name)
    assert folder.parent == PRESETS_FOLDER
    verify(folder)
    files = {path.name for path in folder.iterdir()}
    assert {"README.md", "config.json", "metadata.json"} < files


@pytest.mark.parametrize(
    "name",
    [
        # Those that other tests load, too.
        name
        if name in ("sentiment_en", "translator_en_de", "image_classifier_mnist_rows")
        else pytest.param(name, marks=pytest.mark.slow)
        for name in NAMES
    ],
)
def test_a_published_preset_has_the_parameters_it_names(name, published):
    (preset,) = (p for p in list_presets() if p.name == name)
    model = published(name)
    assert name in type(model).presets
    assert model.num_parameters() == preset.parameters
    trained = sum(np.prod(w.shape) for w in model.trainable_weights)
    assert trained <= preset.parameters <= model.count_params()


def test_the_names_of_the_presets():
    assert [p.name for p in list_presets()] == ZooModel.presets
