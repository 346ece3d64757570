"""The training loop: steps, epochs, checkpoints, the best parameters."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from training.core import reporting, run_folder
from training.core.batches import Batches
from training.core.checkpoint import load_checkpoint, save_checkpoint
from training.core.config import TrainingConfig
from training.core.interruption import StoppedError, listening
from training.core.numbers import rounded
from training.core.optimizers import make_optimizer, make_schedule
from training.core.steps import get_values, make_steps, set_values
from training.core.training_plan import describe_plan, plan_training


@dataclass
class Outcome:
    """The result of `Trainer.train`; the model has the parameters of the best epoch.

    Attributes:
        best: Row of the history of the best epoch.
        history: Row of each epoch: its number, losses and metrics.
        seconds: Wall time of the run up to `ended`, parts before a resume included.
        examples: Number of training examples.
        ended: `time.monotonic()` at its end.
    """

    best: dict[str, Any]
    history: list[dict[str, Any]]
    seconds: float
    examples: int
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
        self.validation = validation
        self.evaluate, self.monitor = evaluate, monitor
        self.sign = {"min": -1, "max": 1}[mode]
        self.plan = plan_training(config, training.size, training.can_shrink)
        self.training = training.repeat_passes(self.plan.passes, self.plan.batch_size)
        self.steps_per_epoch, self.total = len(self.training), self.plan.total
        self.steps = make_steps(
            model,
            make_optimizer(config, make_schedule(config, self.plan)),
            loss,
            metrics,
            self.plan.ema_momentum,
            self.training,
        )
        # A checkpoint holds these besides the variables.
        self.epoch = 0  # epochs done
        self.batch = 0  # batches done of the next
        self.rows: list[dict[str, Any]] = []
        self.best: dict[str, Any] | None = None
        self.best_values: list[np.ndarray] = []
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
            FloatingPointError: If the loss is not finite.
        """
        if self.config.resume:
            self._resume()
        print(describe_plan(self.config, self.plan), flush=True)
        self.batches = iter(self.training.stream(self.epoch, self.batch))
        with (
            listening() as received,
            reporting.open_bar(self.total, self.step) as self.bar,
        ):
            while not self._is_over():
                self._train_epoch(received)
        set_values(self.model.variables, self.best_values)
        assert self.best is not None
        return Outcome(
            self.best,
            self.rows,
            self._seconds(),
            self.training.size,
        )

    def _is_over(self) -> bool:
        return self.epoch >= self.config.epochs

    def _train_epoch(self, received: list[int]) -> None:
        while self.batch < self.steps_per_epoch:
            batch = next(self.batches)
            loss = self.steps.train(batch)
            if not math.isfinite(loss):
                raise FloatingPointError(
                    f"The loss is {loss} at step {self.step + 1} (epoch "
                    f"{self.epoch + 1}). A lower --learning-rate or `clip_norm` may "
                    "help."
                )
            self.batch += 1
            if self.bar.update():  # it was drawn anew
                self.bar.set_postfix(self._shown(), refresh=False)
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
            is_best = self.best is None or (
                self.sign * (row[self.monitor] - self.best[self.monitor]) > 0
            )
            if is_best:
                self.best, self.best_values = row, get_values(self.model.variables)
        rate = self.steps.learning_rate()
        row.update(learning_rate=rate, seconds=round(self._seconds(), 1))
        self.rows.append(row)
        self.epoch, self.batch = self.epoch + 1, 0
        self.steps.reset()
        reporting.write_history(self.config.workdir / run_folder.HISTORY, self.rows)
        line = reporting.describe_epoch(self.epoch, self.config.epochs, row)
        self.bar.write(line)

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started

    # Checkpoints

    def save(self) -> None:
        """Writes a checkpoint."""
        arrays = {
            f"variable-{i:04d}": value
            for i, value in enumerate(get_values(self.steps.variables))
        }
        for i, value in enumerate(self.best_values):
            arrays[f"best-{i:04d}"] = value
        state = {
            "epoch": self.epoch,
            "batch": self.batch,
            "rows": self.rows,
            "best": self.best,
            "seconds": self._seconds(),
        }
        save_checkpoint(self.config.workdir, arrays, state)

    def _resume(self) -> None:
        loaded = load_checkpoint(self.config.workdir)
        if loaded is None:
            print(f"{self.config.workdir} has no checkpoint: starting at step 0.")
            return
        arrays, state = loaded
        values = [v for k, v in sorted(arrays.items()) if k[0] == "v"]
        set_values(self.steps.variables, values)
        self.best_values = [v for k, v in sorted(arrays.items()) if k[0] == "b"]
        self.epoch, self.batch = state["epoch"], state["batch"]
        self.rows, self.best = state["rows"], state["best"]
        self.seconds_before = state["seconds"]
        if self.rows:
            reporting.write_history(self.config.workdir / run_folder.HISTORY, self.rows)
        print(f"Going on after step {self.step} of {self.total}.")
