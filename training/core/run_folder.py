"""The folder of a training run."""

import json
import os
import platform
import shutil
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rnnzoo.core.files import atomic_write
from training.core import checkpoint
from training.core.config import (
    CONFIG_FILE,
    TrainingConfig,
    recipe_of,
)
from zoo_models.core.saving import write_json

PRESET = "preset"
WEIGHTS = "model.weights.h5"
HISTORY = "history.csv"
METRICS = "metrics.json"
CACHE = "cache"

LOWER_IS_BETTER = frozenset({"perplexity"})


def start_run(config: TrainingConfig) -> None:
    """Creates the folder and writes the configuration.

    Args:
        config: Settings. The folder must not hold a finished run, and an unfinished
            run only if `config.resume` is set.

    Raises:
        FileExistsError: If the folder holds a finished run, or an unfinished one
            without `config.resume`.
        ValueError: If the unfinished run has other settings.
    """
    workdir = config.workdir
    if (workdir / METRICS).exists():
        raise FileExistsError(
            f"{workdir} holds a finished run. Name another --workdir or delete it."
        )
    if (workdir / checkpoint.FILE).exists() and not config.resume:
        raise FileExistsError(
            f"{workdir} holds an unfinished run. Add --resume to go on with it, "
            "name another --workdir or delete it."
        )
    settings = config.to_json()
    if config.resume and (workdir / CONFIG_FILE).is_file():
        _check_same(workdir / CONFIG_FILE, settings)
    else:
        # The cache may be of other settings.
        shutil.rmtree(workdir / CACHE, ignore_errors=True)
    _write(workdir / CONFIG_FILE, {**settings, "resume": False})


def _check_same(path: Path, settings: dict[str, Any]) -> None:
    """Raises `ValueError` if a run was started with other settings."""
    before = json.loads(path.read_text(encoding="utf-8"))
    other = [
        f"{key}={before.get(key)!r}, now {value!r}"
        for key, value in recipe_of(settings).items()
        if before.get(key) != value
    ]
    if other:
        raise ValueError(
            f"A resumed run must keep its settings. {path} has {'; '.join(other)}"
        )


def _write(path: Path, content: Any) -> None:
    """Writes a JSON file atomically."""
    with atomic_write(path) as new:
        write_json(new, content)


def describe_environment() -> dict[str, Any]:
    """Returns versions of packages, the machine and its number of cores."""
    packages = ["rnnzoo", "keras", "tensorflow", "tensorflow-datasets", "numpy"]
    accelerator = {}
    if os.environ.get("KERAS_BACKEND") == "jax":
        import jax

        packages.append("jax")
        accelerator = {"device": jax.devices()[0].device_kind}
    return {
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        **accelerator,
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
    }


def save_preset(
    config: TrainingConfig,
    model: Any,
    metrics: dict[str, Any],
    dataset: dict[str, Any],
    write_card: Callable[[Path], None],
    more: dict[str, Any],
) -> None:
    """Writes the model of a run as a preset with a card.

    Args:
        config: Settings of the run.
        model: The model, with its preprocessor.
        metrics: Content of `metrics.json`.
        dataset: Entry of the data set in `metadata.json`.
        write_card: Adds the card to the folder of the preset.
        more: More entries for `metadata.json`.
    """
    folder = config.workdir / PRESET
    figures = {split: _figures(metrics[split]) for split in ("validation", "test")}
    values = {split: values[model.metric] for split, values in figures.items()}
    source = f"{dataset['name']}:{dataset['version']}"
    metadata = {
        "name": folder.as_posix(),
        "licence": "terms of your own",
        "dataset": dataset,
        "evaluations": [
            {
                "dataset": f"made up as {source}" if config.smoke else source,
                "split": dataset.get("split", getattr(config, "test_split", "test")),
                "num_examples": metrics["test"]["examples"],
                "metrics": figures["test"],
            }
        ],
        "training": {
            "command": metrics["command"],
            "seed": config.seed,
            "minutes": metrics["minutes"],
            "examples": metrics["examples"],
            **({"warning": metrics["warning"]} if metrics["warning"] else {}),
            "environment": describe_environment(),
            "config": recipe_of(config.to_json()),
            "seeds": {
                "metric": model.metric,
                "runs": [{"seed": config.seed, **values}],
            },
        },
        "weights": "stored in single precision",
        **more,
    }
    with atomic_write(folder) as new:
        model.save_to_preset(new, metadata)
        write_card(new)


def _figures(values: dict[str, Any]) -> dict[str, float]:
    """Returns the metrics among the results of a split."""
    others = ("examples", "epoch", "loss")
    return {key: value for key, value in values.items() if key not in others}


def find_best(values: Sequence[float], metric: str) -> int:
    """Returns the index of the best value of a metric: the first highest, or the first
    lowest if the metric is in `LOWER_IS_BETTER`."""
    choose = min if metric in LOWER_IS_BETTER else max
    return values.index(choose(values))


def finish_run(workdir: Path, metrics: dict[str, Any]) -> None:
    """Writes the metrics, which mark a finished run, and deletes temporary files."""
    _write(workdir / METRICS, metrics)
    (workdir / checkpoint.FILE).unlink(missing_ok=True)
    shutil.rmtree(workdir / CACHE, ignore_errors=True)
