"""Writes the page: its own files, models in ONNX, and ONNX Runtime for the web."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rnnzoo
from rnnzoo.core.files import atomic_write
from rnnzoo.core.quiet import import_tensorflow_quietly
from rnnzoo.page.runtime import ONNXRUNTIME, find_runtime

STATIC = Path(__file__).parent / "static"
CONTENT_FILE = "page.json"
# What the rooms show; a room looks for its models here.
PRESETS = (
    "sentiment_en",
    "image_classifier_mnist",
    "image_classifier_mnist_rows",
    "captioner_flickr8k_en",
    "translator_en_de",
    "language_model_imdb_en",
)
SECOND_TRANSLATOR = "translator_en_fr"


def write_page(
    folder: str | Path,
    onnxruntime: str | Path | None = None,
    download: bool = False,
    with_french: bool = False,
    report: Callable[[str], None] = lambda name: None,
) -> Path:
    """Writes the page for any host of files.

    Args:
        folder: Folder to write. If it is there it must hold an older page, or nothing.
        onnxruntime: Folder of the package `onnxruntime-web`. Default: the cache.
        download: Whether to fetch the package if the cache lacks it. Default `False`.
        with_french: Whether the translator to French comes, too. Default `False`.
        report: Called with the name of each preset before it is exported.

    Returns:
        The folder.

    Raises:
        FileExistsError: If the folder holds something else.
        FileNotFoundError: If `onnxruntime-web` is not there.
        ImportError: If `onnx` is not installed.
    """
    folder = Path(folder)
    _check_folder(folder)
    runtime = find_runtime(onnxruntime, download)
    presets = [*PRESETS, *([SECOND_TRANSLATOR] if with_french else [])]
    with atomic_write(folder) as aside:
        shutil.copytree(STATIC, aside, ignore=shutil.ignore_patterns("__pycache__"))
        _copy_runtime(runtime, aside / "onnxruntime")
        models = {}
        for preset in presets:
            report(preset)
            name = Path(preset).name
            models[name] = write_model(preset, aside / "models" / name)
        content = {
            "page": "rnnzoo",
            "version": rnnzoo.__version__,
            "onnxruntime": {
                path.name: path.stat().st_size
                for path in sorted((aside / "onnxruntime").iterdir())
            },
            "models": models,
        }
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (aside / CONTENT_FILE).write_text(text + "\n", encoding="utf-8")
    return folder


def write_model(preset: str, folder: Path) -> dict[str, Any]:
    """Writes what the page needs of a preset, and says what that is.

    Args:
        preset: Name or folder of the preset.
        folder: Folder to write.

    Returns:
        `files`, with the size of each; the `activation` of its cells; and `examples`:
        texts, or names of image files in the folder.
    """
    import_tensorflow_quietly()
    model = rnnzoo.ZooModel.from_preset(preset)
    with tempfile.TemporaryDirectory(prefix="rnnzoo-") as base:
        made = model.export(base, name="model", format="onnx", explains=True)
        os.remove(made / "runner.py")  # a program in Python
        shutil.copytree(made, folder)
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    examples = list(model.origin.examples)
    if model.input_kind == "image":
        for path in examples:
            shutil.copy(path, folder)
        examples = [Path(path).name for path in examples]
    return {
        "files": files,
        "activation": _activation(model),
        "examples": examples,
    }


def page_files(folder: Path) -> Iterator[str]:
    """The files of a page, as paths in its address: `"rooms/digit.js"`."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        return
    path = folder / CONTENT_FILE
    try:
        is_page = json.loads(path.read_text("utf-8")).get("page") == "rnnzoo"
    except (OSError, ValueError, AttributeError):
        is_page = False
    if not folder.is_dir() or (any(folder.iterdir()) and not is_page):
        raise FileExistsError(
            "The page is written into a new folder, or in place of an older page. "
            f"Received: {folder}, which holds something else"
        )


def _copy_runtime(source: Path, folder: Path) -> None:
    """Copies ONNX Runtime; not every host knows what `.mjs` is."""
    folder.mkdir()
    for file in ONNXRUNTIME.files:
        name = Path(file).name
        shutil.copy(source / name, folder / name.replace(".mjs", ".js"))


def _activation(model: Any) -> str:
    """The activation of the recurrent cells."""
    config = model.get_config()
    return str(config.get("activation", "tanh"))
