"""Folders of versions: `<base>/<name>/<version>`."""

import re
from pathlib import Path

from rnnzoo.core.checks import check_positive

# What each format is known by: a file, or a pattern of files.
FORMAT_FILES = {
    "saved_model": "saved_model.pb",
    "litert": "model.tflite",
    "onnx": "*.onnx",
}


def new_version_folder(
    base: str | Path, name: str, version: int | None, format: str
) -> Path:
    """The folder for a new version of a model, which is not made yet.

    Args:
        base: Folder of all models.
        name: Name of the model: letters, digits, `_`, `-` and `.`.
        version: Positive integer. `None` is 1.
        format: Format of the version, one of `FORMAT_FILES`.

    Raises:
        ValueError: If name or version do not fit, or versions of another format are
            there: a server takes the highest version, whatever it holds.
        FileExistsError: If the version is there already.
    """
    version = check_positive("version", 1 if version is None else version)
    if not re.fullmatch(r"\w[\w.-]*", name, re.ASCII):
        raise ValueError(
            "The model's name must be of letters, digits, '_', '-' and '.', and not "
            f"begin with a mark. Received: {name!r}"
        )
    folder = Path(base) / name / str(version)
    if folder.exists():
        raise FileExistsError(
            f"{folder} is there already, and a served version must not change. "
            "Choose another version or delete it."
        )
    for other, file in FORMAT_FILES.items():
        found = next(folder.parent.glob(f"[0-9]*/{file}"), None)
        if other != format and found:
            raise ValueError(
                f"The versions of a model must be of one format. Received: {format!r} "
                f"for {folder}, beside {found}. Choose another base or name."
            )
    return folder
