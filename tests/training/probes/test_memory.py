"""The memory of a preset is measured and told in its card; its weights stay."""

import json

from click.testing import CliRunner

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


def test_a_card_has_a_table_of_it_and_the_weights_stay(preset):
    before = read_metadata(preset)["files"]
    assert "### Memory" not in make_card(read_metadata(preset), read_config(preset))
    record(preset, "memory", MEMORY)
    metadata = read_metadata(preset)
    card = (preset / "README.md").read_text()
    assert card == make_card(metadata, read_config(preset))
    assert "| probabilities of the labels | at least 7 words | |" in card
    assert "| last state of `a` | 4 steps | 1.25 steps |" in card
    assert "| last state of `b` | at least 7 steps | does not fade |" in card
    assert "python -m training.measure memory tiny" in card
    files = metadata["files"]
    assert files.pop("README.md") == sha256_of(preset / "README.md")
    assert files == {k: v for k, v in before.items() if k != "README.md"}


def test_where_there_is_no_time_the_card_says_so(preset):
    record(preset, "memory", {**MEMORY, "output": None, "layers": []})
    assert "no state on" in (preset / "README.md").read_text()


def test_it_is_measured_on_the_test_split(preset, tiny_data):
    options = ["--data-dir", str(tiny_data), "--limit", "6", "--write"]
    result = CliRunner().invoke(main, ["memory", str(preset), *options])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["inputs"].endswith("split test")
    assert [layer["name"] for layer in found["layers"]]
    assert read_metadata(preset)["memory"]["layers"] == found["layers"]


def test_a_probe_refuses_the_options_of_others(preset):
    result = CliRunner().invoke(main, ["behaviour", str(preset), "--limit", "3"])
    assert result.exit_code == 1
    assert "The options of the probe behaviour are" in result.output
