"""The package: what the wheel holds, and that facts stand in one place."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_holds_presets_and_neither_tests_nor_training(tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--outdir",
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (wheel,) = tmp_path.glob("rnnzoo-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in sorted((ROOT / "zoo_models" / "presets").iterdir()):
        for file in folder.iterdir():
            assert f"zoo_models/presets/{folder.name}/{file.name}" in names
    assert {"rnnzoo/py.typed", "rnnzoo/cli.py", "zoo_models/core/zoo_model.py"} <= names
    assert "rnnzoo/datasets/multi30k/checksums.tsv" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "rnnzoo",
        "zoo_models",
    }
    assert wheel.stat().st_size < 64e6


def test_facts_stand_in_one_place():
    """Nothing in setup.cfg repeats pyproject.toml; versions agree."""
    import configparser

    import rnnzoo

    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    assert set(parser["options"]) == {"packages"}
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {rnnzoo.__version__}" in citation
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {rnnzoo.__version__}" in changes
