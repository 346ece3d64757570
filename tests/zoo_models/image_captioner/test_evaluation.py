"""Metrics of a captioner on a data set, and its captions on the command line."""

import json

import pytest
from click.testing import CliRunner

from rnnzoo import evaluate_preset
from rnnzoo.cli import main
from rnnzoo.metrics import caption_metrics, caption_variety
from tests.conftest import make_classifier
from tests.tiny_captioner import CAPTIONS, make_captioner
from tests.tiny_flickr8k import jpeg, write_files


def test_a_captioner_is_measured_and_asked(tmp_path):
    write_files(tmp_path)
    dataset = {"name": "flickr8k", "image": "image", "captions": "captions"}
    make_captioner().save_to_preset(tmp_path / "mine", {"dataset": dataset})
    preset = str(tmp_path / "mine")
    arguments = ["--data-dir", str(tmp_path / "data"), "--manual-dir", str(tmp_path)]
    run = CliRunner().invoke(main, ["evaluate", preset, *arguments, "--json"])
    assert run.exit_code == 0, run.output
    result = json.loads(run.stdout)
    metrics = result.pop("metrics")
    assert result == {
        "preset": "mine",
        "dataset": "flickr8k:1.0.0",
        "split": "test",
        "num_examples": 3,
    }
    bleu = [f"bleu_{order}" for order in range(1, 5)]
    names = [*bleu, "rouge_l", "cider", "distinct_captions", "mean_length"]
    assert list(metrics) == names
    run = CliRunner().invoke(main, ["evaluate", preset, "--split", "t", *arguments])
    assert "Received: 't'" in run.output

    (tmp_path / "a.jpg").write_bytes(jpeg(1))
    paths = [str(tmp_path / "a.jpg")] * 2
    run = CliRunner().invoke(main, ["predict", preset, *paths])
    assert run.exit_code == 0, run.output
    first, second = run.stdout.splitlines()
    assert first == second
    run = CliRunner().invoke(main, ["predict", preset, paths[0], "--json"])
    assert json.loads(run.stdout)["caption"] == first


@pytest.fixture
def holiday(tmp_path):
    """A folder of three images, and their captions."""
    folder = tmp_path / "holiday"
    (folder / "images").mkdir(parents=True)
    for i in range(3):
        (folder / "images" / f"{i}.jpg").write_bytes(jpeg(i))
    content = [
        {"file": f"{i}.jpg", "captions": captions}
        for i, captions in enumerate(CAPTIONS)
    ]
    (folder / "captions.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_captioner_is_measured_on_a_folder(tmp_path, holiday):
    model = make_captioner()
    model.save_to_preset(tmp_path / "mine")
    arguments = ["evaluate", str(tmp_path / "mine"), "--folder", str(holiday), "--json"]
    run = CliRunner().invoke(main, [*arguments, "--split", "all[1:]"])
    assert run.exit_code == 0, run.output
    result = json.loads(run.stdout)
    paths = [str(holiday / "images" / f"{i}.jpg") for i in (1, 2)]
    written = model.generate(paths)
    assert result.pop("metrics") == pytest.approx(
        {**caption_metrics(written, CAPTIONS[1:]), **caption_variety(written)}
    )
    assert result == {
        "preset": "mine",
        "dataset": "holiday",
        "split": "all[1:]",
        "num_examples": 2,
    }


def test_all_or_the_first_of_a_folder_are_measured(holiday):
    model = make_captioner()
    (result,) = evaluate_preset("mine", folder=holiday, model=model)
    assert (result["split"], result["num_examples"]) == ("all", 3)
    (result,) = evaluate_preset("mine", folder=holiday, model=model, limit=2)
    assert result["num_examples"] == 2


def test_a_folder_that_cannot_be_measured_is_refused(tmp_path, holiday):
    model = make_captioner()
    (holiday / "images" / "1.jpg").write_text("no image")
    for error, message, folder, arguments in (
        (FileNotFoundError, "must have images/", tmp_path / "nowhere", {}),
        (ValueError, r"Received: 'all\[5:\]'", holiday, {"split": "all[5:]"}),
        (ValueError, r"1\.jpg, begins with b'no image'", holiday, {}),
        (ValueError, "Only a captioner", holiday, {"model": make_classifier()}),
        (ValueError, "instead of a data set", holiday, {"dataset": "mnist"}),
        (ValueError, "instead of a data set", holiday, {"data_dirs": ["data"]}),
        (ValueError, "instead of a data set", holiday, {"download": True}),
    ):
        with pytest.raises(error, match=message):
            evaluate_preset("mine", folder=folder, **{"model": model, **arguments})
