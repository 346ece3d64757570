"""BLEU of a preset on every test split, by the library and on the command line."""

import json

import keras
import pytest
from click.testing import CliRunner

from rnnzoo import evaluate_preset
from rnnzoo.cli import main
from tests.tiny_multi30k import write_files
from tests.tiny_translator import make_translator


@pytest.fixture
def folders(tmp_path):
    """A preset, and arguments that find its data set in files of a few lines."""
    write_files(tmp_path, ["en", "de"])
    dataset = {"name": "multi30k/en_de", "source": "en", "target": "de"}
    keras.utils.set_random_seed(1)
    make_translator().save_to_preset(tmp_path / "mine", {"dataset": dataset})
    return str(tmp_path / "mine"), str(tmp_path / "data"), str(tmp_path)


def test_all_test_splits_are_measured(folders):
    preset, data_dir, manual_dir = folders
    arguments = ["--data-dir", data_dir, "--manual-dir", manual_dir, "--json"]
    result = CliRunner().invoke(main, ["evaluate", preset, *arguments])
    assert result.exit_code == 0, result.output
    results = json.loads(result.stdout)
    found = [(r["split"], r["num_examples"]) for r in results]
    assert found == [
        ("test_2016_flickr", 3),
        ("test_2017_flickr", 2),
        ("test_2018_flickr", 1),
    ]
    assert {r["dataset"] for r in results} == {"multi30k/en_de:1.0.0"}
    metrics = results[0]["metrics"]
    assert set(metrics) == {"bleu", "sacrebleu", "sacrebleu_signature"}
    assert 0 <= metrics["bleu"] < 100
    assert "tok:13a" in metrics["sacrebleu_signature"]
    (one,) = evaluate_preset(
        preset, "validation", data_dirs=[data_dir], limit=1, manual_dir=manual_dir
    )
    assert (one["split"], one["num_examples"]) == ("validation", 1)
    with pytest.raises(ValueError, match="Received: 'test_2017_mscoco'"):
        evaluate_preset(preset, "test_2017_mscoco", data_dirs=[data_dir])
    shown = CliRunner().invoke(
        main, ["evaluate", preset, "--split", "validation", *arguments[:-1]]
    )
    assert "  sacrebleu  " in shown.output
    assert "tok:13a" not in shown.output


def test_predict_prints_a_translation_a_line(folders):
    preset, *_ = folders
    run = CliRunner().invoke(main, ["predict", preset, "", "A dog runs."])
    assert run.exit_code == 0, run.output
    assert len(run.stdout.splitlines()) == 2
    run = CliRunner().invoke(main, ["predict", preset, "a", "--json", "--top", "2"])
    first, second = json.loads(run.stdout)
    assert set(first) == {"translation", "score", "confidence"}
    assert first["score"] >= second["score"]
