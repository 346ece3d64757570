"""Presets run in ONNX Runtime, without Keras and TensorFlow."""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import rnnzoo
from rnnzoo.files import cache_folder
from rnnzoo.quiet import import_tensorflow_quietly


def load_runner(preset: str | Path) -> Any:
    """The `rnnzoo.onnx.Runner` of a preset.

    The first call exports the preset, which takes TensorFlow, into the user's cache;
    later ones find it there as long as the preset's files and the version of this
    package are the same.

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
    """Where the export of a preset lies in the cache, made or not: its name has a hash
    of all files of the preset."""
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
    """Exports a preset into `folder`, which is there at once, or not at all."""
    import_tensorflow_quietly()
    model = rnnzoo.ZooModel.from_preset(source)
    shutil.rmtree(folder, ignore_errors=True)  # what someone left of it
    key = folder.parent
    try:
        model.export(key.parent, name=key.name, format="onnx")
    except OSError:
        # Another process may have been faster.
        if not (folder / "signature.json").is_file():
            raise
