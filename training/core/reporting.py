"""Progress of a run, shown while it goes on: a bar, a table, curves."""

import csv
import importlib.util
import time
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from rnnzoo.core.files import atomic_write
from training.core.numbers import duration, rounded


class Progress:
    """A bar over all steps of a run, with loss, metrics and the time left.

    Away from a terminal there is no bar, but a line for each epoch.

    Args:
        total: Number of steps in all.
        done: Number of steps taken before.
    """

    def __init__(self, total: int, done: int):
        self.bar = tqdm(
            total=total, initial=done, unit="step", disable=None, dynamic_ncols=True
        )
        self.done, self.total = done, total
        self.first, self.start = done, time.monotonic()
        self._shown = 0.0

    def update(self, make_values: Any) -> None:
        """Counts a step; `make_values()` gives what is shown, when it is shown."""
        self.done += 1
        self.bar.update()
        now = time.monotonic()
        if not self.bar.disable and now - self._shown > 0.5:
            self._shown = now
            self.bar.set_postfix(make_values(), refresh=False)

    def end_epoch(self, epoch: int, epochs: int, row: dict[str, Any]) -> None:
        """Writes a line on the epoch."""
        words = [f"{k} {rounded(v)}" for k, v in row.items() if _is_shown(k, v)]
        rate = (time.monotonic() - self.start) / max(self.done - self.first, 1)
        left = duration(rate * (self.total - self.done))
        line = f"epoch {epoch}/{epochs}: {', '.join(words)}; {left} left"
        self.bar.write(line)

    def close(self) -> None:
        """Leaves the bar as it stands."""
        self.bar.close()


def _is_shown(key: str, value: Any) -> bool:
    return isinstance(value, float) and key not in ("learning_rate", "seconds")


def write_history(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes a CSV file with a row for each epoch."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with atomic_write(path) as aside, aside.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def check_tensorboard() -> None:
    """Raises `ModuleNotFoundError` with the remedy if TensorBoard is not there."""
    if importlib.util.find_spec("tensorboard") is None:
        raise ModuleNotFoundError(
            "`tensorboard` needs TensorBoard, which is not installed. Install it with "
            "pip install 'rnnzoo[tensorboard]', or leave the setting out."
        )


def open_curves(folder: Path) -> Any:
    """A function `write(step, values)` that adds to TensorBoard's curves."""
    check_tensorboard()
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder))

    def write(step: int, values: dict[str, float]) -> None:
        with writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
        writer.flush()

    return write
