"""Imports go one way: training → zoo_models → rnnzoo."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rnnzoo
from zoo_models.models import MODELS

ROOT = Path(__file__).parents[1]

# What models may use of the library.
LIBRARY = (
    "rnnzoo.analysis",
    "rnnzoo.checks",
    "rnnzoo.datasets",
    "rnnzoo.export",
    "rnnzoo.files",
    "rnnzoo.images",
    "rnnzoo.layers",
    "rnnzoo.metrics",
    "rnnzoo.samplers",
    "rnnzoo.text",
)
# What the modules below a name may import of the project. The longest name counts.
ALLOWED: dict[str, set[str]] = {
    # The facade resolves names lazily, by string; these are for type checkers alone.
    "rnnzoo": {"rnnzoo", "zoo_models.models"},
    "rnnzoo.__main__": {"rnnzoo.cli"},
    "rnnzoo.analysis": {
        "rnnzoo.analysis",
        "rnnzoo.checks",
    },  # layers are found by what they are
    "rnnzoo.checks": set(),
    "rnnzoo.cli": {
        "rnnzoo",
        "rnnzoo.answers",
        "rnnzoo.demo",
        "rnnzoo.errors",
        "rnnzoo.page.command",
        "rnnzoo.predict",
        "rnnzoo.quiet",
        "rnnzoo.training_scripts",
    },
    "rnnzoo.datasets": {"rnnzoo.datasets"},
    "rnnzoo.demo": {"rnnzoo", "rnnzoo.answers", "rnnzoo.quiet"},
    "rnnzoo.errors": set(),
    "rnnzoo.export": {"rnnzoo.checks", "rnnzoo.export", "rnnzoo.files"},
    "rnnzoo.export.litert": {"rnnzoo.export", "rnnzoo.files", "rnnzoo.layers"},
    "rnnzoo.export.onnx": {
        "rnnzoo.export",
        "rnnzoo.files",
        "rnnzoo.onnx.one_file",
    },
    "rnnzoo.export.onnx_layers": {"rnnzoo.export.onnx_graph", "rnnzoo.layers"},
    "rnnzoo.images": {"rnnzoo.images"},
    "rnnzoo.layers": {"rnnzoo.checks", "rnnzoo.layers"},
    "rnnzoo.metrics": {"rnnzoo.checks", "rnnzoo.metrics"},
    "rnnzoo.onnx": {"rnnzoo.onnx"},  # it runs where nothing else is
    "rnnzoo.page": {"rnnzoo.files", "rnnzoo.page"},
    "rnnzoo.page.command": {"rnnzoo.errors", "rnnzoo.page"},
    "rnnzoo.page.writer": {  # it reaches models through the facade
        "rnnzoo",
        "rnnzoo.files",
        "rnnzoo.page",
        "rnnzoo.quiet",
    },
    "rnnzoo.predict": {
        "rnnzoo",
        "rnnzoo.answers",
        "rnnzoo.errors",
        "rnnzoo.preset_runner",
        "rnnzoo.quiet",
    },
    "rnnzoo.preset_runner": {"rnnzoo", "rnnzoo.files", "rnnzoo.quiet"},
    "rnnzoo.samplers": {"rnnzoo.checks", "rnnzoo.samplers", "rnnzoo.text"},
    "rnnzoo.serving": {"rnnzoo.checks", "rnnzoo.serving"},
    "rnnzoo.text": {"rnnzoo.checks", "rnnzoo.text"},
    "zoo_models": set(),
    "zoo_models.models": {"zoo_models"},  # for type checkers alone
    "zoo_models.core": {"zoo_models.core", *LIBRARY},
    "training": {"training", "zoo_models", "rnnzoo"},  # the doors
    "training.core": {"training.core", "zoo_models.core", *LIBRARY, "rnnzoo.quiet"},
    "training.comparison": {
        "training.comparison",
        "rnnzoo.checks",
        "rnnzoo.datasets",
        "rnnzoo.layers",
    },
    "training.cards": {
        "training.cards",
        "training.core.numbers",
        "training.image_classifier",
        "training.photographs",
        "zoo_models.core",
        "zoo_models.sentiment_classifier.behaviour",
        "zoo_models.translator.copying",
        "zoo_models.image_classifier",
    },
    **{
        f"{room}.{info.folder}": {*own, f"{room}.{info.folder}", *LIBRARY}
        for info in MODELS
        for room, own in (
            ("zoo_models", {"zoo_models.core"}),
            (
                "training",
                {"training.core", "zoo_models.core", f"zoo_models.{info.folder}"},
            ),
        )
    },
}


def modules():
    for package in ("rnnzoo", "zoo_models", "training"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield path, ".".join(p for p in parts if p != "__init__")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module, node.lineno
            for alias in node.names:  # which may be a module
                yield f"{node.module}.{alias.name}", node.lineno


def test_imports_are_allowed():
    offenders = []
    for path, module in modules():
        keys = [k for k in ALLOWED if module == k or module.startswith(f"{k}.")]
        key = max(keys, key=len)
        is_facade = module == "rnnzoo"
        allowed = ALLOWED[key] if key != "rnnzoo" or is_facade else set()
        for name, line in imports(path):
            if name.split(".")[0] not in ("rnnzoo", "zoo_models", "training", "tests"):
                continue
            if not any(name == a or name.startswith(f"{a}.") for a in allowed):
                offenders.append(f"{path.relative_to(ROOT)}:{line}: {name}")
    assert not offenders, "\n".join(offenders)


def test_there_is_no_circle():
    """Imports for type checkers count too."""
    paths = {module: path for path, module in modules()}
    edges = {}
    for module, path in paths.items():
        names = [name for name, _ in imports(path)]
        edges[module] = {name for name in names if name in paths} - {module}
    while leaves := [module for module, names in edges.items() if not names]:
        edges = {m: names - {*leaves} for m, names in edges.items() if names}
    assert not edges, sorted(edges)


def test_private_and_legacy_keras_is_not_imported():
    for path, _ in modules():
        for name, line in imports(path):
            assert not name.startswith(("keras.src", "tensorflow.keras")), (path, line)


def test_files_are_small():
    for folder in ("rnnzoo", "zoo_models", "training", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= 400, path


def test_every_public_name_resolves():
    for name in rnnzoo.__all__:
        assert getattr(rnnzoo, name) is not None
        assert name in dir(rnnzoo)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = rnnzoo.nonsense


@pytest.mark.parametrize(
    ("first", "absent"),
    [
        ("rnnzoo", {"keras", "tensorflow", "zoo_models"}),
        ("rnnzoo.text", {"keras", "tensorflow"}),
        ("rnnzoo.metrics", {"keras", "tensorflow", "sacrebleu"}),
        ("rnnzoo.analysis", {"keras", "tensorflow", "matplotlib"}),
        ("rnnzoo.datasets", {"tensorflow_datasets"}),
        ("rnnzoo.onnx.runner", {"keras", "tensorflow", "onnx", "PIL", "zoo_models"}),
        ("rnnzoo.serving.client", {"keras", "tensorflow", "uvicorn"}),
        ("zoo_models.core.presets", {"keras", "tensorflow"}),
        pytest.param("rnnzoo.layers", {"zoo_models"}, marks=pytest.mark.slow),
        pytest.param(
            "zoo_models.core.zoo_model", {"tensorflow_datasets"}, marks=pytest.mark.slow
        ),
        ("rnnzoo.images", {"keras", "tensorflow"}),
        ("rnnzoo.preset_runner", {"keras", "numpy", "tensorflow", "zoo_models"}),
        ("rnnzoo.page.server", {"keras", "tensorflow", "onnx", "zoo_models"}),
        ("zoo_models.sentiment_classifier.behaviour", {"keras", "tensorflow"}),
        ("zoo_models.sentiment_classifier.model", {"tensorflow_datasets"}),
        ("training.cards.card", {"keras"}),
        ("training.core.script", {"keras", "tensorflow"}),
        ("training.core.training_run", {"keras", "tensorflow"}),
        ("training.train_captioner", {"keras", "tensorflow"}),
        ("training.train_language_model", {"keras", "tensorflow"}),
        ("training.measure_behaviour", {"keras", "tensorflow"}),
        ("training.publish", {"keras", "tensorflow"}),
        ("training.reproduce", {"keras", "tensorflow"}),
    ],
)
def test_any_module_can_come_first_and_brings_little(first, absent):
    script = f"import sys, {first}; assert not {absent} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
