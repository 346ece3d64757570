"""Recipes: what made each published preset, and how it is trained again."""

from pathlib import Path

import pytest

from training import train_sentiment
from training.core import recipe
from training.core.config import recipe_of
from training.core.recipe import FOLDER, configure, load_recipe, run_recipe
from zoo_models.core.presets import PRESETS_FOLDER, list_presets, read_metadata

RECIPES = sorted(path.stem for path in FOLDER.glob("*.toml"))
CHEAP = "image_classifier_mnist_rows"


def test_each_preset_has_a_recipe():
    assert sorted(preset.name for preset in list_presets()) == RECIPES


def published_config(name, stage):
    """The settings of the published run of a stage."""
    if stage == "language_model":
        name = "language_model_imdb_en"
    metadata = read_metadata(PRESETS_FOLDER / name)
    key = "started_from" if stage == "start" else "training"
    return metadata[key]["config"]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_the_settings_of_the_published_run(name):
    """It fails when a default changes that the recipe relies on."""
    stages = load_recipe(name)
    for stage, config in configure(
        stages, Path("runs") / name, {"recipe": name}
    ).items():
        assert recipe_of(config.to_json()) == published_config(name, stage)
    assert config.command() in (PRESETS_FOLDER / name / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"unit": 3}, "no setting `unit`. Did you mean `units`"),
        ({"plateau_factor": 0.5}, "no setting `plateau_factor`"),
        ({"units": "many"}, "`units` must be of type tuple.*Received: 'many'"),
    ],
)
def test_other_settings_are_refused(settings, message):
    stages = {"one": {"script": "train_image_classifier", **settings}}
    with pytest.raises(ValueError, match=message):
        configure(stages, Path("runs"), {})


def test_options_apply_to_every_stage_that_has_them():
    stages = load_recipe("sentiment_en")
    given = {"recipe": "sentiment_en", "seed": 3, "evidence_weight": 0.5}
    first, second = configure(stages, Path("runs/x"), given).values()
    assert (first.seed, second.seed, second.evidence_weight) == (3, 3, 0.5)
    assert second.language_model == str(first.workdir) == "runs/x/language_model"
    assert second.workdir == Path("runs/x/classifier")
    assert first.resume
    assert "--seed 3 --set language_model=" in second.command()
    places = {"recipe": "sentiment_en", "data_dir": (Path("tfds"),)}
    config = configure(stages, Path("runs/x"), places)["classifier"]
    assert config.command().endswith("training.train_sentiment --recipe sentiment_en")


def test_a_recipe_belongs_to_a_script():
    with pytest.raises(ValueError, match="Did you mean 'sentiment_en'"):
        run_recipe("training.train_sentiment", {"recipe": "sentiment_ed"})
    with pytest.raises(ValueError, match="is a recipe of training.train_sentiment"):
        run_recipe("training.train_captioner", {"recipe": "sentiment_en"})


def run_smoke(name, tmp_path, capsys):
    given = {"recipe": name, "smoke": True, "workdir": tmp_path / "run"}
    stages = load_recipe(name)
    script = f"training.{list(stages.values())[-1]['script']}"
    run_recipe(script, given)
    for stage in stages:
        assert (tmp_path / "run" / stage / "preset" / "README.md").is_file()
    capsys.readouterr()
    run_recipe(script, given)
    assert capsys.readouterr().out.count("is finished") == len(stages)
    metadata = read_metadata(tmp_path / "run" / stage / "preset")
    assert metadata["training"]["config"]["smoke"]


def test_a_recipe_runs(tmp_path, capsys):
    run_smoke(CHEAP, tmp_path, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*RECIPES} - {CHEAP}))
def test_all_stages_of_a_recipe_run(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_smoke(name, tmp_path, capsys)


def test_a_stopped_stage_is_continued(tmp_path, monkeypatch, capsys):
    """Stages run in order; finished ones are passed over."""
    ran = []

    def train(config):
        ran.append(config.workdir.name)
        if len(ran) == 2:
            raise recipe.StoppedError(15, "Stopped after step 5.")
        config.workdir.mkdir(parents=True)
        (config.workdir / "metrics.json").write_text("{}")

    monkeypatch.setattr(train_sentiment, "train", train)
    monkeypatch.setattr("training.train_language_model.train", train)
    given = {"recipe": "sentiment_en", "workdir": tmp_path}
    with pytest.raises(recipe.StoppedError, match="in stage classifier. Repeat"):
        run_recipe("training.train_sentiment", given)
    run_recipe("training.train_sentiment", given)
    assert ran == ["language_model", "classifier", "classifier"]
    assert capsys.readouterr().out.count("is finished") == 1
