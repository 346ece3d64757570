"""What surrounds the training in every script: settings, data set, folder, result."""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic

import numpy as np

from rnnzoo.core.files import atomic_write
from rnnzoo.core.quiet import import_tensorflow_quietly
from rnnzoo.datasets import open_dataset
from training.core import run_folder
from training.core.config import SMOKE_FOLDER, Config, TrainingConfig
from training.core.faults import Trivial, find_faults
from training.core.numbers import duration, rounded
from training.core.reporting import check_tensorboard

SMOKE_EXAMPLES = 64


class TrainingRun(Generic[Config]):
    """A run that is open: its settings, its data set and its folder.

    Attributes:
        config: Settings, shrunk if it is a `--smoke` run.
        workdir: Folder of the run.
        builder: The TFDS builder of the data set.
        started: `time.monotonic()` at the start.
    """

    def __init__(self, config: Config, builder: Any):
        self.config, self.workdir, self.builder = config, config.workdir, builder
        self.started = time.monotonic()

    def cached(
        self, name: str, make: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        """What `make` gives, from the run's folder if it was made before.

        A run that is resumed thus sees the very same arrays, and at once.

        Args:
            name: Name of the file, without ending.
            make: Makes arrays by name.
        """
        path = self.workdir / run_folder.CACHE / f"{name}.npz"
        if not path.is_file():
            with atomic_write(path) as aside:
                np.savez(aside, **make())  # type: ignore[arg-type]
        with np.load(path, allow_pickle=False) as file:
            return dict(file)

    def finish(
        self,
        model: Any,
        outcome: Any,
        validation_examples: int,
        test: dict[str, Any],
        dataset: dict[str, Any],
        write_card: Callable[[Path], None],
        metadata: dict[str, Any] | None = None,
        trivial: Trivial | None = None,
        training_examples: int | None = None,
    ) -> dict[str, Any]:
        """Writes the preset and `metrics.json`, and prints them: the run has ended.

        Args:
            model: The model with the weights to keep, and its preprocessor.
            outcome: What `Trainer.train` gave.
            validation_examples: Number of examples that chose the epoch.
            test: Number of `examples` of the test split, and metrics on them.
            dataset: What else `metadata.json` says of the data set, such as the
                names of its features.
            write_card: Adds a card to the folder of the preset.
            metadata: More entries for `metadata.json`. Default: none.
            trivial: What the test metrics must be better than; if they are not it is
                said, here and in the card.
            training_examples: Number of examples that it learnt from. Default: those
                that batches were made of.

        Returns:
            What `metrics.json` holds.
        """
        best = {
            key.removeprefix("val_"): value
            for key, value in outcome.best.items()
            if key.startswith("val_")
        }
        faults = find_faults(self.config, outcome, test, trivial)
        seconds = outcome.seconds + time.monotonic() - outcome.ended
        metrics = {
            "validation": {
                "examples": validation_examples,
                **best,
                "epoch": outcome.best["epoch"],
            },
            "test": test,
            "examples": training_examples or outcome.examples,
            "faults": faults,
            "minutes": round(seconds / 60, 1),
            "seed": self.config.seed,
            "command": self.config.command(),
        }
        dataset = {
            "name": self.config.dataset,
            "version": str(self.builder.version),
            **dataset,
        }
        if self.config.cell == "elman":
            run_folder.save_preset(
                self.config, model, metrics, dataset, write_card, metadata or {}
            )
        else:
            # Kept to look at; presets have Elman cells alone.
            model.network().save_weights(self.workdir / run_folder.WEIGHTS)
        run_folder.finish_run(self.workdir, metrics)
        for split in ("validation", "test"):
            words = (f"{k} {_shown(v)}" for k, v in metrics[split].items())
            print(f"{split}: {', '.join(words)}")
        if trivial is not None:
            print(f"{trivial.answer}: {trivial.metric} {rounded(trivial.value)}")
        print(f"{duration(seconds)}, written to {self.workdir}")
        for fault in faults:
            print(f"What went wrong: {fault}")
        return metrics


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else rounded(value)


@contextlib.contextmanager
def open_run(config: Config) -> Iterator[TrainingRun[Config]]:
    """Sets all up that a configuration asks for, and yields the run.

    What may be missing is looked for before TensorFlow, whose import takes seconds.

    Raises:
        ValueError: If a setting or the data set's name makes no sense.
        FileExistsError: If the folder holds another run.
        DatasetNotPreparedError: If the data set is not there, with what to do.
    """
    config.check()
    if config.tensorboard:
        check_tensorboard()
    with contextlib.ExitStack() as stack:
        if config.smoke:
            config = config.shrink()
            if SMOKE_FOLDER in config.workdir.parents:
                shutil.rmtree(config.workdir, ignore_errors=True)
            builder = stack.enter_context(_made_up_dataset(config.dataset))
        else:
            builder = open_dataset(
                config.dataset, config.data_dir, config.manual_dir, config.download
            )
        run_folder.start_run(config)
        run = TrainingRun(config, builder)
        import_tensorflow_quietly()
        stack.enter_context(_computing(config))
        yield run


@contextlib.contextmanager
def _made_up_dataset(name: str) -> Iterator[Any]:
    """Examples made up by TFDS in the form of the set, without any file of it."""
    import_tensorflow_quietly()  # TFDS imports it too
    import tensorflow_datasets as tfds

    with tfds.testing.mock_data(
        SMOKE_EXAMPLES, num_sub_examples=5, policy=tfds.testing.MockPolicy.USE_CODE
    ):
        yield open_dataset(name, [SMOKE_FOLDER / "none"], download=True)


@contextlib.contextmanager
def _computing(config: TrainingConfig) -> Iterator[None]:
    """Seeds, determinism and precision; the precision is put back afterwards."""
    import keras

    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    before = keras.config.dtype_policy()
    if config.precision == "bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
