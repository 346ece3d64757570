"""Imports go one way: training → zoo_models → rnnzoo."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rnnzoo
from zoo_models.core.presets import FOLDERS

ROOT = Path(__file__).parents[1]

# What models may use of the library.
LIBRARY = (
    "rnnzoo.analysis",
    "rnnzoo.core",
    "rnnzoo.datasets",
    "rnnzoo.export",
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
        "rnnzoo.core",
    },  # layers are found by what they are
    "rnnzoo.core": {"rnnzoo.core"},
    "rnnzoo.cli": {"rnnzoo", "rnnzoo.cli", "rnnzoo.core"},
    "rnnzoo.cli.page": {"rnnzoo.cli", "rnnzoo.page"},
    "rnnzoo.datasets": {"rnnzoo.datasets"},
    "rnnzoo.export": {"rnnzoo.core", "rnnzoo.export"},
    "rnnzoo.export.litert": {"rnnzoo.export", "rnnzoo.core", "rnnzoo.layers"},
    "rnnzoo.export.onnx": {
        "rnnzoo.export",
        "rnnzoo.core",
        "rnnzoo.onnx.one_file",
    },
    "rnnzoo.export.onnx_layers": {"rnnzoo.export.onnx_graph", "rnnzoo.layers"},
    "rnnzoo.images": {"rnnzoo.core", "rnnzoo.images"},
    "rnnzoo.layers": {"rnnzoo.core", "rnnzoo.layers"},
    "rnnzoo.metrics": {"rnnzoo.core", "rnnzoo.metrics"},
    "rnnzoo.onnx": {"rnnzoo.onnx"},  # it runs where nothing else is
    "rnnzoo.page": {"rnnzoo.core", "rnnzoo.page"},
    "rnnzoo.page.writer": {  # it reaches models through the facade
        "rnnzoo",
        "rnnzoo.core",
        "rnnzoo.page",
    },
    "rnnzoo.samplers": {"rnnzoo.core", "rnnzoo.samplers", "rnnzoo.text"},
    "rnnzoo.serving": {"rnnzoo.core", "rnnzoo.images", "rnnzoo.serving"},
    "rnnzoo.text": {"rnnzoo.core", "rnnzoo.text"},
    "zoo_models": set(),
    "zoo_models.models": {"zoo_models"},  # most for type checkers alone
    "zoo_models.core": {"zoo_models.core", *LIBRARY},
    "training": {"training", "zoo_models", "rnnzoo"},  # the doors
    "training.core": {"training.core", "zoo_models.core", *LIBRARY},
    "training.probes": {"training", "zoo_models", "rnnzoo"},
    "training.image_captioner.encoder_weights": {
        "training.photographs",
        "zoo_models.image_captioner",
        *LIBRARY,
    },
    "training.cards": {
        "training.cards",
        "training.core.numbers",
        "training.image_classifier",
        "training.photographs",
        "zoo_models.core",
        "training.probes.behaviour",
        "zoo_models.image_classifier",
    },
    **{
        f"{room}.{folder}": {*own, f"{room}.{folder}", *LIBRARY}
        for folder in FOLDERS.values()
        for room, own in (
            ("zoo_models", {"zoo_models.core"}),
            (
                "training",
                {"training.core", "zoo_models.core", f"zoo_models.{folder}"},
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


def test_the_library_names_no_preset():
    """But for the page, the demo and examples in docstrings and help."""
    presets = {path.name for path in (ROOT / "zoo_models" / "presets").iterdir()}
    for path, module in modules():
        if module.startswith(("rnnzoo.page", "rnnzoo.cli.demo", "training", "zoo")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant):
                assert node.value not in presets, f"{path}:{node.lineno}"


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
        ("zoo_models.core.presets", {"keras", "tensorflow"}),
        pytest.param("rnnzoo.layers", {"zoo_models"}, marks=pytest.mark.slow),
        pytest.param(
            "zoo_models.core.zoo_model", {"tensorflow_datasets"}, marks=pytest.mark.slow
        ),
        ("rnnzoo.images", {"keras", "tensorflow"}),
        ("rnnzoo.cli.preset_runner", {"keras", "numpy", "tensorflow", "zoo_models"}),
        ("rnnzoo.page.server", {"keras", "tensorflow", "onnx", "zoo_models"}),
        pytest.param(
            "zoo_models.sentiment_classifier.model",
            {"tensorflow_datasets"},
            marks=pytest.mark.slow,
        ),
        ("training.cards.card", {"keras"}),
        ("training.core.script", {"keras", "tensorflow"}),
        ("training.core.training_run", {"keras", "tensorflow"}),
        ("training.train_captioner", {"keras", "tensorflow"}),
        ("training.train_language_model", {"keras", "tensorflow"}),
        ("training.measure", {"keras", "tensorflow"}),
        ("training.publish", {"keras", "tensorflow"}),
    ],
)
def test_any_module_can_come_first_and_brings_little(first, absent):
    script = f"import sys, {first}; assert not {absent} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
