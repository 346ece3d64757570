"""Each folder of a model has the parts that the others rely on."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import rnnzoo
import zoo_models
from zoo_models.core.preprocessor import Preprocessor
from zoo_models.core.presets import FOLDERS, folder_module, load_class
from zoo_models.models import PUBLIC

ROOT = Path(zoo_models.__file__).parents[1]
every_model = pytest.mark.parametrize("name", FOLDERS)


@every_model
def test_a_folder_has_the_parts_of_a_model(name):
    model_class = load_class(name)
    assert getattr(rnnzoo, name) is model_class
    preprocessor_class = getattr(rnnzoo, f"{name}Preprocessor")
    assert model_class.preprocessor_class is preprocessor_class
    assert issubclass(preprocessor_class, Preprocessor)
    assert callable(getattr(model_class, model_class.verb))
    for attribute in ("task", "input_kind", "answer_name", "metric"):
        assert isinstance(getattr(model_class, attribute), str), attribute
    functions = {
        "evaluation": ("reader", "measure"),
        "explanation": ("prepare", "explain", "probe"),
        "onnx_graphs": ("build", "describe"),
    }
    for module, names in functions.items():
        if module != "onnx_graphs" or importlib.util.find_spec("onnx"):
            assert {*names} <= {*dir(folder_module(model_class, module))}
    presets = [p for p in rnnzoo.list_presets() if p.class_name == name]
    assert presets, "a model of the zoo has a preset"
    for preset in presets:
        kind = (model_class.task, model_class.metric)
        assert (preset.task, preset.metric) == kind
        assert all(preset.metric in e["metrics"] for e in preset.evaluations)


def test_importing_the_names_brings_no_model():
    script = (
        "import sys, zoo_models.models as m; assert not {'keras', 'tensorflow', "
        "*(module for module in m.PUBLIC.values() if 'core' not in module)} "
        "& set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_type_checkers_and_the_facade_know_the_same_names():
    tree = ast.parse((ROOT / "zoo_models" / "models.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    known = {n.asname: node.module for node in imports for n in node.names if n.asname}
    assert known == PUBLIC
    for name, module in PUBLIC.items():
        assert getattr(importlib.import_module(module), name) is getattr(rnnzoo, name)
