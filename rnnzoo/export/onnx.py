"""ONNX models, in the folders of versions."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnzoo.core.files import atomic_write
from rnnzoo.export.signature import write_signature
from rnnzoo.export.versions import new_version_folder
from rnnzoo.onnx.one_file import one_file

# Beside the graphs lies the program that runs them, without this package.
RUNNER_FILE = "runner.py"


def export_onnx(
    graphs: Mapping[str, Any],
    base: str | Path,
    name: str,
    version: int | None = None,
    files: Mapping[str, bytes] | None = None,
    description: Mapping[str, Any] | None = None,
    weights: str = "exact",
) -> Path:
    """Writes `<base>/<name>/<version>` with a `.onnx` file for each graph.

    Beside them lie `signature.json`, which says what goes in and comes out, and
    `runner.py`, which with NumPy and ONNX Runtime alone answers raw inputs: see
    `rnnzoo.onnx.Runner`.

    Args:
        graphs: Name of the file, without `.onnx`, to its
            `rnnzoo.export.onnx_graph.OnnxGraph`.
        base: Folder of all models.
        name: Name of the model: letters, digits, `_`, `-` and `.`.
        version: Positive integer. Default 1.
        files: Files to put beside it, by name. Default: none.
        description: More entries for `signature.json`. Default: none.
        weights: What weights are stored as: see `rnnzoo.export.onnx_weights.store`.
            Default `"exact"`.

    Returns:
        The folder of the version.

    Raises:
        ValueError: If name, version or `weights` do not fit.
        FileExistsError: If the version is there already.
    """
    folder = new_version_folder(base, name, version, "onnx")
    contents = {
        f"{key}.onnx": graph.serialize(weights) for key, graph in graphs.items()
    }
    contents |= {RUNNER_FILE: one_file().encode(), **(files or {})}
    with atomic_write(folder) as aside:
        aside.mkdir()
        for file, content in contents.items():
            (aside / file).write_bytes(content)
        write_signature(
            aside,
            {
                "name": name,
                "version": int(folder.name),
                "format": "onnx",
                "weights": weights,
                **(description or {}),
                "signatures": {key: graph.describe() for key, graph in graphs.items()},
            },
        )
    return folder


def require_onnx() -> None:
    """Raises `ImportError` that says what to install, if `onnx` is not there."""
    try:
        importlib.import_module("onnx")
    except ImportError as error:
        raise ImportError(
            "Exporting to ONNX needs the package onnx: pip install 'rnnzoo[onnx]'. "
            f"Received: {error}"
        ) from error
