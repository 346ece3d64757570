"""The parts that all scripts share: settings, data set, folder, result."""

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
from training.core.diagnostics import Baseline
from training.core.numbers import rounded

SMOKE_EXAMPLES = 64


class TrainingRun(Generic[Config]):
    """The settings, the data set and the folder of a run.

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
        """Returns the arrays of `make`, which a resumed run reads from its folder.

        Args:
            name: Name of the file, without ending.
            make: Makes arrays by name.
        """
        path = self.workdir / run_folder.CACHE / f"{name}.npz"
        if not path.is_file():
            with atomic_write(path) as new:
                np.savez(new, **make())  # type: ignore[arg-type]
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
        baseline: Baseline | None = None,
        training_examples: int | None = None,
    ) -> dict[str, Any]:
        """Writes the preset and `metrics.json`, and prints them: the run has ended.

        Args:
            model: The model with the weights to keep, and its preprocessor.
            outcome: The result of `Trainer.train`.
            validation_examples: Number of examples that chose the epoch.
            test: Number of `examples` of the test split, and metrics on them.
            dataset: More facts about the data set for `metadata.json`, such as the
                names of its features.
            write_card: Adds a card to the folder of the preset.
            metadata: More entries for `metadata.json`. Default: none.
            baseline: The test metrics should exceed it; otherwise the output and the
                card have a warning.
            training_examples: Number of examples that it learnt from. Default: those
                that batches were made of.

        Returns:
            The content of `metrics.json`.
        """
        best = {
            key.removeprefix("val_"): value
            for key, value in outcome.best.items()
            if key.startswith("val_")
        }
        warning = None
        if baseline is not None and not self.config.smoke:
            warning = baseline.warn(test[baseline.metric])
        seconds = outcome.seconds + time.monotonic() - outcome.ended
        metrics = {
            "validation": {
                "examples": validation_examples,
                **best,
                "epoch": outcome.best["epoch"],
            },
            "test": test,
            "examples": training_examples or outcome.examples,
            "warning": warning,
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
        if baseline is not None:
            print(f"{baseline.name}: {baseline.metric} {rounded(baseline.value)}")
        print(f"{seconds / 60:.1f} min, written to {self.workdir}")
        if warning is not None:
            print(f"Warning: {warning}")
        return metrics


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else rounded(value)


@contextlib.contextmanager
def open_run(config: Config) -> Iterator[TrainingRun[Config]]:
    """Checks a configuration, prepares folder and data set, and yields the run.

    A missing data set raises before the import of TensorFlow, which takes seconds.

    Raises:
        ValueError: If a setting or the data set's name makes no sense.
        FileExistsError: If the folder holds another run.
        DatasetNotPreparedError: If the data set is not there, with what to do.
    """
    config.check()
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
    """Yields a builder of made-up examples in the form of the data set."""
    import_tensorflow_quietly()  # TFDS imports it too
    import tensorflow_datasets as tfds

    with tfds.testing.mock_data(
        SMOKE_EXAMPLES, num_sub_examples=5, policy=tfds.testing.MockPolicy.USE_CODE
    ):
        yield open_dataset(name, [SMOKE_FOLDER / "none"], download=True)


@contextlib.contextmanager
def _computing(config: TrainingConfig) -> Iterator[None]:
    """Sets the seed and the precision; restores the precision afterwards."""
    import keras

    keras.utils.set_random_seed(config.seed)
    before = keras.config.dtype_policy()
    if config.precision == "bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
