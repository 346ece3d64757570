"""Checkpoints: the whole state of a run, written aside, checked when read.

A checkpoint is a folder `step-<number>` with `arrays.npz`, the values of variables,
and `state.json`, all else and the SHA-256 of the arrays. Nothing is pickled. Two are
kept: if the last is damaged the one before it is read.
"""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.core.files import atomic_write
from zoo_models.core.presets import sha256_of
from zoo_models.core.saving import write_json

ARRAYS = "arrays.npz"
STATE = "state.json"
KEPT = 2


def save_checkpoint(
    folder: Path, step: int, arrays: dict[str, np.ndarray], state: dict[str, Any]
) -> None:
    """Writes a checkpoint and deletes those before the last two.

    Args:
        folder: Folder of all checkpoints.
        step: Number of steps taken.
        arrays: Values of variables.
        state: All else, as JSON has it.
    """
    with atomic_write(folder / f"step-{step:08d}") as aside:
        aside.mkdir()
        np.savez(aside / ARRAYS, **arrays)  # type: ignore[arg-type]
        content = {"sha256": sha256_of(aside / ARRAYS), "step": step, **state}
        write_json(aside / STATE, content)
    for old in find_checkpoints(folder)[KEPT:]:
        shutil.rmtree(old)


def find_checkpoints(folder: Path) -> list[Path]:
    """The checkpoints in a folder, the last one first."""
    return sorted(folder.glob("step-*"), reverse=True)


def load_checkpoint(
    folder: Path,
) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Reads the last checkpoint that is whole; says so if one is not.

    Returns:
        Arrays and state, or `None` if there is no checkpoint.

    Raises:
        ValueError: If all checkpoints are damaged.
    """
    damaged = []
    for path in find_checkpoints(folder):
        try:
            return _read(path)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            print(f"The checkpoint {path} is damaged and passed over: {error}")
            damaged.append(path.name)
    if damaged:
        raise ValueError(
            f"All checkpoints in {folder} are damaged: {', '.join(damaged)}. Delete "
            "the folder of the run to start anew."
        )
    return None


def _read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    state = json.loads((path / STATE).read_text(encoding="utf-8"))
    received = sha256_of(path / ARRAYS)
    if received != state["sha256"]:
        raise ValueError(
            f"expected SHA-256 {state['sha256']} of {ARRAYS}, received {received}"
        )
    with np.load(path / ARRAYS, allow_pickle=False) as file:
        return dict(file), state
