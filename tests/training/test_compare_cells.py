"""The comparison does what is missing, and only that."""

import json

from click.testing import CliRunner

from training.compare_cells import compare, main


def test_a_run_that_has_ended_is_not_done_again(tmp_path):
    def names(**more):
        settings = {"tasks": ("copy-2",), "steps": 2, **more}
        return [r["cell"] for r in compare(tmp_path, **settings)]

    assert names(cells=("elman-relu-identity",)) == ["elman-relu-identity"]
    assert names(cells=("elman-relu-identity", "gru")) == ["gru"]
    assert names(cells=("lstm",), minutes=0) == []
    files = sorted(path.name for path in tmp_path.glob("*.json"))
    assert files == ["copy-2.elman-relu-identity.1.json", "copy-2.gru.1.json"]
    known = json.loads((tmp_path / files[1]).read_text())
    assert 0 <= known["score"] <= 1
    assert len(known["losses"]) == 1

    result = CliRunner().invoke(
        main, ["--workdir", str(tmp_path), "--report", "--task", "copy-2"]
    )
    assert result.exit_code == 0, result.output
    assert "| GRU | " in result.output


def test_a_problem_that_is_not_there_is_named(tmp_path):
    result = CliRunner().invoke(
        main, ["--workdir", str(tmp_path), "--task", "sorting-3"]
    )
    assert result.exit_code == 1
    assert "Received: 'sorting-3'" in result.output
