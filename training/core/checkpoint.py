"""Checkpoints: one file with the whole state of a run, replaced atomically."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.core.files import atomic_write

FILE = "checkpoint.npz"  # in the folder of a run
STATE = "state"


def save_checkpoint(
    folder: Path, arrays: dict[str, np.ndarray], state: dict[str, Any]
) -> None:
    """Replaces the checkpoint of a run.

    Args:
        folder: Folder of the run.
        arrays: Values of variables by name.
        state: All else, as JSON values.
    """
    text = np.array(json.dumps(state))
    with atomic_write(folder / FILE) as new:
        np.savez(new, **{STATE: text}, **arrays)  # type: ignore[arg-type]


def load_checkpoint(
    folder: Path,
) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Returns arrays and state of the checkpoint of a run, `None` if there is none.

    Raises:
        ValueError: If the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = dict(file)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"The checkpoint {path} is damaged: {error}. Delete it to start anew."
        ) from error
    return arrays, json.loads(str(arrays.pop(STATE)))
