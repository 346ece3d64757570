"""What a training run leaves behind, in one folder."""

import dataclasses
import os
import platform
import shlex
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zoo_models.saving import write_json

PRESET = "preset"
CONFIG = "config.json"
HISTORY = "history.csv"
METRICS = "metrics.json"
ENVIRONMENT = "environment.json"

# Settings that say where things lie, not what is done.
FOLDERS = ("workdir", "data_dir", "manual_dir")


def start_run(workdir: Path, config: Any) -> None:
    """Makes the folder and writes the configuration, versions and hardware.

    Args:
        workdir: Folder of the run. It must not hold a finished run.
        config: The dataclass that configures the run.

    Raises:
        FileExistsError: If a finished run is there.
    """
    if (workdir / METRICS).exists():
        raise FileExistsError(
            f"{workdir} holds a finished run. Name another --workdir or delete it."
        )
    workdir.mkdir(parents=True, exist_ok=True)
    write_json(workdir / CONFIG, to_json(config))
    write_json(workdir / ENVIRONMENT, describe_environment())


def to_json(config: Any) -> dict[str, Any]:
    """The dataclass as values that JSON has."""

    def convert(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [convert(item) for item in value]
        return str(value) if isinstance(value, Path) else value

    return {key: convert(value) for key, value in dataclasses.asdict(config).items()}


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


def command_line(module: str, config: Any) -> str:
    """The command that runs `config` again: what differs from the defaults.

    Folders are left out, for they are those of one machine.
    """
    words = ["python", "-m", module]
    settings, defaults = to_json(config), to_json(type(config)())
    for key, value in settings.items():
        if key in FOLDERS or value == defaults[key]:
            continue
        option = key.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}", str(value)]
    return shlex.join(words)
