"""Metrics of a captioner on a data set, and its captions on the command line."""

import json

from click.testing import CliRunner

from rnnzoo.cli import main
from tests.tiny_captioner import make_captioner
from tests.tiny_flickr8k import expect_small_files, jpeg, write_files


def test_a_captioner_is_measured_and_asked(tmp_path, monkeypatch):
    expect_small_files(monkeypatch)
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
