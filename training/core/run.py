"""What surrounds the training in every script: settings, data set, folder, result."""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import numpy as np

from rnnzoo.datasets import open_dataset
from rnnzoo.files import write_aside
from rnnzoo.quiet import hush_absl, import_tensorflow_quietly
from training.core import run_folder
from training.core.config import SMOKE_FOLDER, TrainingConfig, read_config
from training.core.reporting import check_tensorboard

Config = TypeVar("Config", bound=TrainingConfig)

SMOKE_EXAMPLES = 64


class Run(Generic[Config]):
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
            with write_aside(path) as aside:
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
    ) -> dict[str, Any]:
        """Writes the preset and `metrics.json`; the run is then at its end.

        Args:
            model: The model with the weights to keep, and its preprocessor.
            outcome: What `Trainer.run` gave.
            validation_examples: Number of examples that chose the epoch.
            test: Number of `examples` of the test split, and metrics on them.
            dataset: What else `metadata.json` says of the data set, such as the
                names of its features.

        Returns:
            What `metrics.json` holds.
        """
        best = {
            key.removeprefix("val_"): value
            for key, value in outcome.best.items()
            if key.startswith("val_")
        }
        metrics = {
            "validation": {
                "examples": validation_examples,
                **best,
                "epoch": outcome.best["epoch"],
            },
            "test": test,
            "minutes": round(outcome.seconds / 60, 1),
            "seed": self.config.seed,
            "command": run_folder.command_line(self.config),
        }
        dataset = {
            "name": self.config.dataset,
            "version": str(self.builder.version),
            **dataset,
        }
        if self.config.cell == "elman":
            run_folder.save_preset(self.config, model, metrics, dataset)
        else:
            # Kept to look at; presets have Elman cells alone.
            model.network().save_weights(self.workdir / run_folder.WEIGHTS)
        run_folder.finish_run(self.workdir, metrics)
        return metrics


@contextlib.contextmanager
def open_run(config: Config) -> Iterator[Run[Config]]:
    """Sets all up that a configuration asks for, and yields the run.

    Raises:
        ValueError: If a setting or the data set's name makes no sense.
        FileExistsError: If the folder holds another run.
        DatasetNotPreparedError: If the data set is not there, with what to do.
    """
    config.check()
    if config.tensorboard:
        check_tensorboard()
    if config.smoke:
        config = config.shrink()
        if SMOKE_FOLDER in config.workdir.parents:
            shutil.rmtree(config.workdir, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        if config.smoke:
            builder = stack.enter_context(_mock_dataset(config.dataset))
        else:
            builder = find_dataset(config)
        run_folder.start_run(config.workdir, config)
        run = Run(config, builder)
        stack.enter_context(_computing(config))
        yield run


def find_dataset(config: TrainingConfig) -> Any:
    """The builder of the data set that `config` names."""
    return open_dataset(
        config.dataset, config.data_dir, config.manual_dir, config.download
    )


@contextlib.contextmanager
def _mock_dataset(name: str) -> Iterator[Any]:
    """Examples made up by TFDS in the form of the set, without any file of it."""
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


def main(
    config_class: type[Config],
    train: Callable[[Config], dict[str, Any]],
    description: str | None,
) -> None:
    """Reads the command line, trains and prints the metrics.

    Args:
        config_class: Settings of the script.
        train: Trains and returns what `metrics.json` holds.
        description: What `--help` says on top.
    """
    hush_absl()
    try:
        config = read_config(config_class, description, sys.argv[1:])
        if config.smoke:
            config = config.shrink()
        else:
            # Before TensorFlow, whose import takes seconds: is all there?
            config.check()
            find_dataset(config)
        import_tensorflow_quietly()
        from training.core.interruption import StoppedError
        from training.core.steps import DivergedError

        try:
            metrics = train(config)
        except StoppedError as error:
            print(error, file=sys.stderr)
            raise SystemExit(128 + error.signal) from error
        except DivergedError as error:
            raise SystemExit(f"Error: {error}") from error
        except KeyboardInterrupt:
            raise SystemExit(130) from None  # before there was anything to save
    except BrokenPipeError:
        raise  # whoever read the output has gone
    except (ModuleNotFoundError, OSError, ValueError) as error:
        raise SystemExit(f"Error: {error}") from error
    for split, values in metrics.items():
        if isinstance(values, dict):
            words = (f"{k} {v:.4g}" for k, v in values.items())
            print(f"{split}: {', '.join(words)}")
    print(f"{metrics['minutes']} minutes, written to {config.workdir}")
