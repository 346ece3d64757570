"""The training loop: steps, epochs, checkpoints, the best parameters."""

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from training.core import reporting, run_folder
from training.core.batches import Batches
from training.core.checkpoint import load_checkpoint, save_checkpoint
from training.core.config import TrainingConfig
from training.core.course import describe_course, plan_course, plan_repetition
from training.core.divergence import report_divergence
from training.core.interruption import StoppedError, listening
from training.core.numbers import rounded
from training.core.optimizers import make_optimizer, make_schedule
from training.core.steps import make_steps

OVERFIT_STEPS = 50  # in an epoch of `overfit_batch`


@dataclass
class Outcome:
    """The result of `Trainer.train`; the model has the parameters of the best epoch.

    Attributes:
        best: Row of the history of the best epoch.
        history: Row of each epoch: its number, losses and metrics.
        seconds: Wall time of the run up to `ended`, parts before a resume included.
        examples: Number of training examples.
        planned_steps: Number of steps.
        first_loss: Loss of the first step.
        ended: `time.monotonic()` at its end.
    """

    best: dict[str, Any]
    history: list[dict[str, Any]]
    seconds: float
    examples: int
    planned_steps: int
    first_loss: float
    ended: float = field(default_factory=time.monotonic)


class Trainer:
    """Trains a model with the settings of a run; a killed run can be resumed.

    Args:
        model: Keras model, called with the first part of a batch.
        config: Settings; the run folder is `config.workdir`.
        training: Batches to train on.
        validation: Batches that choose the epoch, in order.
        loss: Keras loss, called with `(targets, outputs, sample_weight=weights)`.
        metrics: Keras metrics, called like the loss.
        evaluate: Returns more metrics by name, such as BLEU, after each epoch, when the
            model has its averaged parameters. Default: none.
        monitor: The metric that chooses the best epoch: `val_loss`, or `val_` and the
            name of a metric. Default `"val_loss"`.
        mode: Whether the best is the `"min"` or the `"max"`. Default `"min"`.
        started: `time.monotonic()` at the start of the script. Default: now.
    """

    def __init__(
        self,
        model: keras.Model,
        config: TrainingConfig,
        training: Batches,
        validation: Batches,
        *,
        loss: Callable[..., Any],
        metrics: Sequence[keras.metrics.Metric] = (),
        evaluate: Callable[[], dict[str, float]] | None = None,
        monitor: str = "val_loss",
        mode: str = "min",
        started: float | None = None,
    ):
        self.model, self.config = model, config
        self.training, self.validation = training, validation
        self.evaluate, self.monitor = evaluate, monitor
        self.sign = {"min": -1, "max": 1}[mode]
        if config.overfit_batch:
            # The same batch trains and validates.
            self.training = training.repeat_first(OVERFIT_STEPS)
            self.validation = training.repeat_first(1)
            self.config = config = replace(config, ema_momentum=None)
            self.evaluate = None
            self.monitor, self.sign = "val_loss", -1
            self.course = plan_repetition(config, training.batch_size, OVERFIT_STEPS)
        else:
            self.course = plan_course(config, training.size, training.can_shrink)
            self.training = training.repeat_passes(
                self.course.passes, self.course.batch_size
            )
        self.steps_per_epoch, self.total = len(self.training), self.course.total
        self.steps = make_steps(
            model,
            make_optimizer(config, make_schedule(config, self.course)),
            loss,
            metrics,
            self.course.ema_momentum,
            self.training,
        )
        self.folder = config.workdir / run_folder.CHECKPOINTS
        self.write_curves = (
            reporting.open_curves(config.workdir / "tensorboard")
            if config.tensorboard
            else None
        )
        # A checkpoint holds these besides the variables.
        self.epoch = 0  # epochs done
        self.batch = 0  # batches done of the next
        self.rows: list[dict[str, Any]] = []
        self.best: dict[str, Any] | None = None
        self.best_values: list[np.ndarray] = []
        self.first_loss = math.nan
        self.seconds_before = 0.0
        self.started = time.monotonic() if started is None else started

    @property
    def step(self) -> int:
        """Number of steps taken."""
        return self.epoch * self.steps_per_epoch + self.batch

    def train(self) -> Outcome:
        """Trains to the end, from the last checkpoint if `config.resume` is set.

        Raises:
            StoppedError: On SIGTERM or Ctrl-C, after a checkpoint.
            DivergedError: If the loss or a gradient is not finite.
        """
        if self.config.resume:
            self._resume()
        for line in describe_course(self.config, self.course):
            print(line, flush=True)
        self.batches = iter(self.training.stream(self.epoch, self.batch))
        self.progress = reporting.Progress(self.total, self.step)
        with listening() as received, contextlib.closing(self.progress):
            while not self._is_over():
                self._train_epoch(received)
        self.steps.set_model(self.best_values)
        assert self.best is not None
        return Outcome(
            self.best,
            self.rows,
            self._seconds(),
            self.training.size,
            self.total,
            self.first_loss,
        )

    def _is_over(self) -> bool:
        return self.epoch >= self.config.epochs

    def _train_epoch(self, received: list[int]) -> None:
        while self.batch < self.steps_per_epoch:
            batch = next(self.batches)
            loss, norms = self.steps.train(batch)
            if not (math.isfinite(loss) and np.isfinite(norms).all()):
                report_divergence(
                    self.config.workdir / "diverged",
                    {
                        "step": self.step + 1,
                        "epoch": self.epoch + 1,
                        "batch": self.batch + 1,
                        "loss": loss,
                    },
                    batch,
                    dict(zip(self.steps.names, norms.tolist(), strict=True)),
                )
            if not self.step:
                self.first_loss = loss
            self.batch += 1
            self.progress.update(self._shown)
            is_due = self.step % self.config.checkpoint_every == 0
            # After the last batch the end of the epoch is saved instead.
            if (received or is_due) and self.batch < self.steps_per_epoch:
                self.save()
                self._stop(received)
        self._end_epoch()
        self.save()
        if not self._is_over():
            self._stop(received)

    def _stop(self, received: list[int]) -> None:
        if received:
            raise StoppedError(
                received[0],
                f"Stopped after step {self.step} of {self.total}. Go on with\n"
                f"    {self.config.resume_command()}",
            )

    def _shown(self) -> dict[str, Any]:
        values = {k: rounded(v) for k, v in self.steps.results().items()}
        if self.best is not None:
            values[f"best {self.monitor}"] = rounded(self.best[self.monitor])
        return values

    def _end_epoch(self) -> None:
        row: dict[str, Any] = {"epoch": self.epoch + 1, "step": self.step}
        row.update(self.steps.results())
        with self.steps.averaged():
            values = self.steps.measure(self.validation)
            if self.evaluate is not None:
                values.update(self.evaluate())
            row.update({f"val_{name}": float(v) for name, v in values.items()})
            if self.monitor not in row:
                raise ValueError(
                    f"`monitor` must be one of {list(row)}. Received: {self.monitor!r}"
                )
            is_best = self.best is None or (
                self.sign * (row[self.monitor] - self.best[self.monitor]) > 0
            )
            if is_best:
                self.best, self.best_values = row, self.steps.get_model()
        rate = self.steps.learning_rate()
        row.update(learning_rate=rate, seconds=round(self._seconds(), 1))
        self.rows.append(row)
        self.epoch, self.batch = self.epoch + 1, 0
        self.steps.reset()
        reporting.write_history(self.config.workdir / run_folder.HISTORY, self.rows)
        self.progress.end_epoch(self.epoch, self.config.epochs, row)
        if self.write_curves is not None:
            self.write_curves(self.step, row)

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started

    # Checkpoints

    def save(self) -> None:
        """Writes a checkpoint."""
        arrays = {
            f"variable-{i:04d}": value for i, value in enumerate(self.steps.get_all())
        }
        for i, value in enumerate(self.best_values):
            arrays[f"best-{i:04d}"] = value
        state = {
            "epoch": self.epoch,
            "batch": self.batch,
            "rows": self.rows,
            "best": self.best,
            "first_loss": self.first_loss,
            "seconds": self._seconds(),
        }
        save_checkpoint(self.folder, self.step, arrays, state)

    def _resume(self) -> None:
        loaded = load_checkpoint(self.folder)
        if loaded is None:
            print(f"There is no checkpoint in {self.folder}: starting at step 0.")
            return
        arrays, state = loaded
        self.steps.set_all([v for k, v in sorted(arrays.items()) if k[0] == "v"])
        self.best_values = [v for k, v in sorted(arrays.items()) if k[0] == "b"]
        self.epoch, self.batch = state["epoch"], state["batch"]
        self.rows, self.best = state["rows"], state["best"]
        self.seconds_before = state["seconds"]
        self.first_loss = state["first_loss"]
        if self.rows:
            reporting.write_history(self.config.workdir / run_folder.HISTORY, self.rows)
        print(f"Going on after step {self.step} of {self.total}.")
