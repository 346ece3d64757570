"""The table of models, and what it promises of each of them."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import rnnzoo
import zoo_models
from zoo_models.core.preprocessor import Preprocessor
from zoo_models.core.presets import folder_module
from zoo_models.models import MODELS, PUBLIC

ROOT = Path(zoo_models.__file__).parent
SHARED = {"core", "presets"}  # folders that are no model's
every_model = pytest.mark.parametrize("info", MODELS, ids=lambda i: i.folder)


@every_model
def test_a_row_is_what_its_folder_holds(info):
    model_class = info.load()
    assert getattr(rnnzoo, info.class_name) is model_class
    preprocessor_class = getattr(rnnzoo, info.preprocessor)
    assert model_class.preprocessor_class is preprocessor_class
    assert issubclass(preprocessor_class, Preprocessor)
    assert callable(getattr(model_class, model_class.verb))
    for name in ("task", "input_kind", "answer_name", "metric"):
        assert isinstance(getattr(model_class, name), str), name
    assert model_class.presets, "a model of the zoo has a preset"
    evaluation = folder_module(model_class, "evaluation")
    assert callable(evaluation.reader)
    assert callable(evaluation.measure)


def test_folders_have_rows_and_the_same_files():
    names = {"__init__.py", "model.py", "network.py", "preprocessor.py"}
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders - SHARED == {info.folder for info in MODELS}
    for info in MODELS:
        found = {path.name for path in (ROOT / info.folder).glob("*.py")}
        assert found >= {*names, "evaluation.py", "onnx_graphs.py"}, info.folder


def test_importing_the_table_brings_no_model():
    script = (
        "import sys, zoo_models.models; assert not {'keras', 'tensorflow', "
        "*(m.module for m in zoo_models.models.MODELS)} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT.parent)


@every_model
def test_presets_are_of_the_metric_and_task_of_their_class(info):
    for preset in rnnzoo.list_presets():
        if preset.class_name == info.class_name:
            kind = info.load()
            assert (preset.task, preset.metric) == (kind.task, kind.metric)
            assert all(preset.metric in e["metrics"] for e in preset.evaluations)


USER = """
from rnnzoo import {name}
model = {name}.from_preset("a preset")
reveal_type(model)
"""


def test_editors_know_the_classes(tmp_path):
    """A type checker takes `from rnnzoo import …` for the class itself."""
    from mypy import api

    path = tmp_path / "user.py"
    path.write_text(
        "".join(
            USER.format(name=info.class_name).replace("model", f"model_{i}")
            for i, info in enumerate(MODELS)
        ),
        encoding="utf-8",
    )
    config = Path(zoo_models.__file__).parents[1] / "pyproject.toml"
    arguments = ["--config-file", str(config), "--follow-imports", "silent", str(path)]
    output, errors, code_of_exit = api.run(arguments)
    assert code_of_exit == 0, output + errors
    revealed = [line for line in output.splitlines() if "Revealed type" in line]
    for info, line in zip(MODELS, revealed, strict=True):
        assert f"{info.module}.{info.class_name}" in line
    # And the runtime agrees with what the type checker is told.
    for name, module in PUBLIC.items():
        assert getattr(importlib.import_module(module), name) is getattr(rnnzoo, name)
