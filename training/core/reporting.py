"""The progress bar and the history of a run."""

import csv
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from rnnzoo.core.files import atomic_write
from training.core.numbers import rounded


def open_bar(total: int, done: int) -> Any:
    """Returns a bar over all steps of a run; away from a terminal it prints lines only.

    Args:
        total: Number of steps in all.
        done: Number of steps taken before.
    """
    return tqdm(
        total=total, initial=done, unit="step", disable=None, dynamic_ncols=True
    )


def describe_epoch(epoch: int, epochs: int, row: dict[str, Any]) -> str:
    """Returns a line with the losses and metrics of an epoch."""
    others = ("learning_rate", "seconds")
    words = [
        f"{name} {rounded(value)}"
        for name, value in row.items()
        if isinstance(value, float) and name not in others
    ]
    return f"epoch {epoch}/{epochs}: {', '.join(words)}"


def write_history(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes a CSV file with a row for each epoch."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with atomic_write(path) as new, new.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
