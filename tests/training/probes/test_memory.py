"""The memory of a preset is measured and told in its card; its weights stay."""

import json

from click.testing import CliRunner

from tests.conftest import make_classifier
from training.cards.card import make_card
from training.measure import main, record
from zoo_models.core.presets import read_config, read_metadata, sha256_of

MEMORY = {
    "inputs": "tiny_reviews:1.0.0, split test",
    "share": 0.01,
    "output": {
        "name": "probabilities of the labels",
        "horizon": 7,
        "is_bounded": False,
        "steps": 8,
        "examples": 12,
        "step": "words",
    },
    "layers": [
        {"name": "a", "horizon": 4, "is_bounded": True, "steps": 8, "examples": 12,
         "half_life": 1.25},
        {"name": "b", "horizon": 7, "is_bounded": False, "steps": 8, "examples": 12,
         "half_life": None},
    ],
}  # fmt: skip


def make_preset(folder, **metadata):
    make_classifier().save_to_preset(
        folder,
        {
            "name": "tiny",
            "licence": "Apache-2.0",
            "dataset": {"name": "tiny_reviews", "version": "1.0.0"},
            "evaluations": [],
            "training": {
                "command": "python -m training.train_sentiment",
                "config": {},
                "minutes": 1.0,
                "environment": {"cores": 2, "keras": "3", "tensorflow": "2"},
                "seeds": {
                    "metric": "accuracy",
                    "runs": [{"seed": 1, "validation": 0.5, "test": 0.5}],
                },
            },
            **metadata,
        },
    )
    return folder


def test_a_card_has_a_table_of_it_and_the_weights_stay(tmp_path):
    folder = make_preset(tmp_path / "tiny")
    before = read_metadata(folder)["files"]
    assert "### Memory" not in make_card(read_metadata(folder), read_config(folder))
    record(folder, "memory", MEMORY)
    metadata = read_metadata(folder)
    card = (folder / "README.md").read_text()
    assert card == make_card(metadata, read_config(folder))
    assert "| probabilities of the labels | at least 7 words | |" in card
    assert "| last state of `a` | 4 steps | 1.25 steps |" in card
    assert "| last state of `b` | at least 7 steps | does not fade |" in card
    assert "python -m training.measure memory tiny" in card
    files = metadata["files"]
    assert files.pop("README.md") == sha256_of(folder / "README.md")
    assert files == {k: v for k, v in before.items() if k != "README.md"}


def test_where_there_is_no_time_the_card_says_so(tmp_path):
    folder = make_preset(tmp_path / "tiny")
    record(folder, "memory", {**MEMORY, "output": None, "layers": []})
    assert "no state on" in (folder / "README.md").read_text()


def test_it_is_measured_on_the_test_split(tmp_path, tiny_data):
    folder = make_preset(tmp_path / "tiny")
    options = ["--data-dir", str(tiny_data), "--limit", "6", "--write"]
    result = CliRunner().invoke(main, ["memory", str(folder), *options])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["inputs"].endswith("split test")
    assert [layer["name"] for layer in found["layers"]]
    assert read_metadata(folder)["memory"]["layers"] == found["layers"]


def test_a_probe_refuses_the_options_of_others(tmp_path):
    folder = make_preset(tmp_path / "tiny")
    result = CliRunner().invoke(main, ["behaviour", str(folder), "--limit", "3"])
    assert result.exit_code == 1
    assert "The options of the probe behaviour are" in result.output
