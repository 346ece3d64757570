"""Presets in ONNX Runtime, exported into the user's cache once."""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import rnnzoo
from rnnzoo.core.files import cache_folder
from rnnzoo.core.quiet import import_tensorflow_quietly


def load_runner(preset: str | Path) -> Any:
    """Returns the `rnnzoo.onnx.Runner` of a preset.

    The first call exports the preset into the user's cache with TensorFlow. Later calls
    find it there while the preset's files and the version of rnnzoo are the same.

    Args:
        preset: Name of a preset, or a folder of one's own.

    Raises:
        ImportError: If `onnxruntime` is not installed, or `onnx`, which only an export
            needs.
        ValueError: If there is no such preset, or it is not whole.
    """
    source = rnnzoo.find_preset(preset)
    runner_class = rnnzoo.onnx.Runner
    folder = export_folder(source)
    if not (folder / "signature.json").is_file():
        _export(source, folder)
    return runner_class(folder)


def export_folder(source: Path) -> Path:
    """Returns the cache folder of an export.

    Its name contains a hash of the preset's files.
    """
    known = hashlib.sha256()
    for path in sorted(source.iterdir()):
        if path.is_file():
            content = path.read_bytes()
            known.update(f"{path.name}\0{len(content)}\0".encode())
            known.update(content)
    name = re.sub(r"\W+", "_", source.resolve().name or "preset", flags=re.ASCII)
    key = f"{name}-{rnnzoo.__version__}-{known.hexdigest()[:16]}"
    return cache_folder() / "onnx" / key / "1"


def _export(source: Path, folder: Path) -> None:
    """Exports a preset into `folder` in one step."""
    import_tensorflow_quietly()
    model = rnnzoo.ZooModel.from_preset(source)
    shutil.rmtree(folder, ignore_errors=True)  # an incomplete export
    key = folder.parent
    try:
        model.export(key.parent, name=key.name, format="onnx")
    except OSError:
        # Another process may have written it.
        if not (folder / "signature.json").is_file():
            raise
