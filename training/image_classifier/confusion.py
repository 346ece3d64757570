"""Which classes a classifier takes for which: counted, put in words, drawn."""

from pathlib import Path
from typing import Any

import numpy as np

PICTURE = "confusion.png"


def draw_confusion(matrix: Any, labels: list[str], path: Path) -> None:
    """Draws a confusion matrix as a PNG.

    Args:
        matrix: Number of examples, of shape `(true class, answer)`.
        labels: Names of the classes.
        path: File to write.
    """
    from matplotlib.figure import Figure

    counts = np.asarray(matrix)
    size = len(labels)
    figure = Figure(figsize=(1.6 + 0.42 * size, 1.2 + 0.42 * size), dpi=80)
    axes = figure.add_subplot()
    # Errors are few: the diagonal would hide them, so it has no colour.
    errors = np.where(np.eye(size, dtype=bool), 0, counts)
    axes.imshow(errors, cmap="Reds", vmin=0, vmax=max(2 * errors.max(), 1))
    for row in range(size):
        for column in range(size):
            if counts[row, column]:
                axes.text(
                    column,
                    row,
                    str(counts[row, column]),
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="grey" if row == column else "black",
                )
    turned = 90 if max(map(len, labels)) > 2 else 0
    axes.set_xticks(range(size), labels, rotation=turned)
    axes.set_yticks(range(size), labels)
    axes.set_xlabel("answer")
    axes.set_ylabel("true class")
    figure.tight_layout()
    # Without the date and the version, so that the same figures give the same file.
    figure.savefig(path, metadata={"Software": None})


def describe_confusion(matrix: Any, labels: list[str]) -> str:
    """A table with the accuracy of each class and what it is taken for most."""
    counts = np.asarray(matrix)
    lines = ["| class | examples | accuracy | taken for |", "|---|---|---|---|"]
    for i, label in enumerate(labels):
        total, right = counts[i].sum(), counts[i, i]
        errors = np.where(np.arange(len(labels)) == i, 0, counts[i])
        worst = np.argsort(-errors, kind="stable")[:2]
        taken = ", ".join(f"{labels[j]} ({errors[j]})" for j in worst if errors[j])
        accuracy = f"{right / total:.4f}" if total else "–"
        lines.append(f"| {label} | {total:,} | {accuracy} | {taken or '–'} |")
    return "\n".join(lines)
