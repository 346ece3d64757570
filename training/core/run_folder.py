"""What a training run leaves behind, in one folder."""

import dataclasses
import json
import os
import platform
import shlex
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rnnzoo.files import write_aside
from training.cards.card import make_card
from zoo_models.core.presets import read_config, read_metadata
from zoo_models.core.saving import write_json

PRESET = "preset"
WEIGHTS = "model.weights.h5"
CONFIG = "config.json"
HISTORY = "history.csv"
METRICS = "metrics.json"
ENVIRONMENT = "environment.json"
CHECKPOINTS = "checkpoints"
CACHE = "cache"

# What a run is judged by, the first of these that it has.
JUDGES = ("accuracy", "bleu", "cider")

# Settings that say where things lie and how a run is watched, not what is done.
FOLDERS = ("workdir", "data_dir", "manual_dir", "feature_dir", "encoder_weights")
HANDLING = (*FOLDERS, "resume", "download", "checkpoint_every", "tensorboard")


def start_run(workdir: Path, config: Any) -> None:
    """Makes the folder and writes the configuration, versions and hardware.

    Args:
        workdir: Folder of the run. It must not hold a finished run, and an
            unfinished one only if `config.resume` is set.
        config: The `TrainingConfig` of the run.

    Raises:
        FileExistsError: If a finished run is there, or one to go on with.
        ValueError: If the run to go on with has other settings.
    """
    if (workdir / METRICS).exists():
        raise FileExistsError(
            f"{workdir} holds a finished run. Name another --workdir or delete it."
        )
    if any((workdir / CHECKPOINTS).glob("*")) and not config.resume:
        raise FileExistsError(
            f"{workdir} holds an unfinished run. Add --resume to go on with it, "
            "name another --workdir or delete it."
        )
    if config.resume and (workdir / CONFIG).is_file():
        _check_same(workdir / CONFIG, to_json(config))
    else:
        # What was prepared before may have been for other settings.
        shutil.rmtree(workdir / CACHE, ignore_errors=True)
    _write(workdir / CONFIG, {**to_json(config), "resume": False})
    _write(workdir / ENVIRONMENT, describe_environment())


def _write(path: Path, content: Any) -> None:
    """Writes JSON that is whole or not there."""
    with write_aside(path) as aside:
        write_json(aside, content)


def finish_run(workdir: Path, metrics: dict[str, Any]) -> None:
    """Writes the metrics, which end a run, and deletes what is needed no more."""
    _write(workdir / METRICS, metrics)
    for name in (CHECKPOINTS, CACHE):
        shutil.rmtree(workdir / name, ignore_errors=True)


def save_preset(
    config: Any, model: Any, metrics: dict[str, Any], dataset: dict[str, Any]
) -> None:
    """Writes the model of a run as a preset, with a card that tells what it is.

    Args:
        config: The `TrainingConfig` of the run.
        model: The model, with its preprocessor.
        metrics: What `metrics.json` is to hold.
        dataset: What `metadata.json` says of the data set.
    """
    folder = config.workdir / PRESET
    figures = {split: _figures(metrics[split]) for split in ("validation", "test")}
    name = next(judge for judge in JUDGES if judge in figures["test"])
    values = {split: values[name] for split, values in figures.items()}
    settings = {k: v for k, v in to_json(config).items() if k not in HANDLING}
    metadata = {
        "name": folder.as_posix(),
        "licence": "terms of your own",
        "dataset": dataset,
        "evaluations": [
            {
                "dataset": f"{dataset['name']}:{dataset['version']}",
                "split": getattr(config, "test_split", "test"),
                "num_examples": metrics["test"]["examples"],
                "metrics": figures["test"],
            }
        ],
        "training": {
            "command": metrics["command"],
            "seed": config.seed,
            "minutes": metrics["minutes"],
            "environment": describe_environment(),
            "config": settings,
            "seeds": {"metric": name, "runs": [{"seed": config.seed, **values}]},
        },
        "weights": "stored in single precision",
    }
    with write_aside(folder) as aside:
        model.save_to_preset(aside, metadata)
        metadata = read_metadata(aside)
        card = make_card(metadata, read_config(aside))
        (aside / "README.md").write_text(card, encoding="utf-8")


def _figures(values: dict[str, Any]) -> dict[str, float]:
    """The metrics among what a split's results hold."""
    others = ("examples", "epoch", "loss")
    return {key: value for key, value in values.items() if key not in others}


def _check_same(path: Path, settings: dict[str, Any]) -> None:
    """Raises `ValueError` if a run was started with other settings."""
    before = json.loads(path.read_text(encoding="utf-8"))
    other = [
        f"{key}={before.get(key)!r}, now {value!r}"
        for key, value in settings.items()
        if key not in HANDLING and before.get(key) != value
    ]
    if other:
        raise ValueError(
            f"A run goes on with the settings it was started with. {path} has "
            f"{'; '.join(other)}"
        )


def to_json(config: Any) -> dict[str, Any]:
    """The dataclass as values that JSON has."""

    def convert(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [convert(item) for item in value]
        return str(value) if isinstance(value, Path) else value

    return {key: convert(value) for key, value in dataclasses.asdict(config).items()}


def to_options(settings: dict[str, Any]) -> list[str]:
    """Settings as words of a command line."""
    words = []
    for key, value in settings.items():
        option = key.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        elif isinstance(value, list):
            words += [f"--{option}", *map(str, value)] if value else []
        else:
            words += [f"--{option}", str(value)]
    return words


def read_options(path: Path) -> list[str]:
    """The settings in a `config.json`, as words of a command line.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a JSON object.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path} to read settings from.")
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(settings, dict):
        raise ValueError(
            f"{path} must hold a JSON object of settings. Received: "
            f"{type(settings).__name__}"
        )
    return to_options(settings)


def describe_environment() -> dict[str, Any]:
    """Versions of what computes, and on how many cores."""
    packages = ("rnnzoo", "keras", "tensorflow", "tensorflow-datasets", "numpy")
    return {
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
    }


def command_line(config: Any) -> str:
    """The command that runs `config` again: what differs from the defaults.

    Folders are left out, for they are those of one machine.
    """
    defaults = to_json(type(config)())
    settings = {
        key: value
        for key, value in to_json(config).items()
        if key not in HANDLING and value != defaults[key]
    }
    return shlex.join(["python", "-m", config.script, *to_options(settings)])


def resume_command(config: Any) -> str:
    """The command that goes on with a run that was interrupted."""
    path = str(config.workdir / CONFIG)
    return shlex.join(["python", "-m", config.script, "--config", path, "--resume"])
