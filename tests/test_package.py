"""The package: what the wheel holds, and that facts stand in one place."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_holds_presets_and_scripts_and_no_tests(tmp_path):
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
    assert {
        "rnnzoo/py.typed",
        "rnnzoo/cli/__init__.py",
        "zoo_models/core/zoo_model.py",
    } <= names
    assert "rnnzoo/datasets/multi30k/checksums.tsv" in names
    assert "zoo_models/image_captioner/class_words.txt" in names
    static = ROOT / "rnnzoo" / "page" / "static"
    pages = {path.relative_to(ROOT).as_posix() for path in static.rglob("*.*")}
    assert "rnnzoo/page/static/rooms/digit.js" in pages
    assert pages <= names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "rnnzoo",
        "rnnzoo_scripts",
        "zoo_models",
    }
    # All of the scripts, below a name that clashes with nobody's.
    for path in (ROOT / "training").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert f"rnnzoo_scripts/{path.relative_to(ROOT).as_posix()}" in names
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    for words, status, message in (
        (["train"], 0, "sentiment\n"),
        (["train", "sentiment", "--help"], 0, "usage: rnnzoo train sentiment "),
        (["train", "sentiment", "--dataset", "none"], 1, "Error: The data set must be"),
        (["train", "publish", "--help"], 0, "--licence"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rnnzoo", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done.stderr
        assert message in done.stdout + done.stderr
    assert wheel.stat().st_size < 94e6  # PyPI takes 100


def test_facts_stand_in_one_place():
    """Nothing in setup.cfg repeats pyproject.toml; versions agree."""
    import configparser

    import rnnzoo

    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    assert parser.sections() == ["options.package_data"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {rnnzoo.__version__}" in citation
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {rnnzoo.__version__}" in changes
