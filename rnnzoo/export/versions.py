"""Folders of versions: `<base>/<name>/<version>`."""

import re
from pathlib import Path

from rnnzoo.core.checks import check_positive


def new_version_folder(base: str | Path, name: str, version: int | None) -> Path:
    """Returns the folder for a new version of a model, without creating it.

    Args:
        base: Folder of all models.
        name: Name of the model: letters, digits, `_`, `-` and `.`.
        version: Positive integer. `None` is 1.

    Raises:
        ValueError: If name or version do not fit.
        FileExistsError: If the version exists.
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
    return folder
