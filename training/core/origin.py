"""The preset that a run starts from, and how it was trained."""

from pathlib import Path
from typing import Any

from zoo_models.core.presets import find_preset, read_metadata


def find_start(preset: str) -> tuple[Path, dict[str, Any]]:
    """Returns the folder of a preset, and how a script trained it.

    Args:
        preset: Its name or folder.

    Returns:
        The folder, and a dictionary: `command`, `minutes`, `environment`, `config` and,
        if it started from language models, their command, `grown_from`.

    Raises:
        ValueError: If its metadata has no command.
    """
    folder = find_preset(preset)
    metadata = read_metadata(folder)
    training = metadata.get("training", {})
    if "command" not in training:
        raise ValueError(f"The metadata of {preset} have no command that trained it.")
    kept = ("command", "minutes", "environment", "config")
    made = {name: training[name] for name in kept if name in training}
    if "grown_from" in metadata:
        made["grown_from"] = metadata["grown_from"]
    return folder, made


def check_same(preset: str, before: Any, model: Any, *names: str) -> None:
    """Raises `ValueError` if a model has other settings than the one it starts from.

    Args:
        preset: The model to start from, in words or by name.
        before: The model to start from.
        model: The model that starts.
        names: Attributes to compare.
    """
    for name in names:
        expected, received = getattr(before, name), getattr(model, name)
        if expected != received:
            raise ValueError(
                f"`{name}` must be that of {preset}, {expected}. Received: {received}"
            )
