"""The presets: their names, folders, metadata and checksums.

A preset is a folder with `config.json`, `model.weights.h5`, `metadata.json`, the
vocabularies and a card. Nothing here imports Keras.
"""

import hashlib
import importlib
import json
import warnings
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Any

from zoo_models.core.types import Json

PRESETS_FOLDER = Path(__file__).parents[1] / "presets"
# The folder of each class, which its name gives.
FOLDERS = {
    "".join(part.title() for part in path.parent.name.split("_")): path.parent.name
    for path in sorted(Path(__file__).parents[1].glob("*/model.py"))
}
WEIGHTS_FILE = "model.weights.h5"


@dataclass(frozen=True)
class Preset:
    """The metadata of a published preset.

    Attributes:
        name: Name of the preset and of its folder.
        class_name: Class of the model.
        task: The task in a few words.
        parameters: Number of parameters.
        megabytes: Size of the folder's files, in units of 10^6 bytes.
        metric: Name of the metric that compares such models.
        evaluations: The results of `rnnzoo evaluate` at publication.
        licence: Licence of the weights.
        examples: Inputs for `rnnzoo demo`: texts, or paths of images.
    """

    name: str
    class_name: str
    task: str
    parameters: int
    megabytes: float
    metric: str
    evaluations: list[dict[str, Any]]
    licence: str
    examples: list[str]


def list_presets() -> list[Preset]:
    """Returns the presets of the package, sorted by name."""
    presets = []
    for path in sorted(PRESETS_FOLDER.glob("*/metadata.json")):
        metadata = json.loads(path.read_text(encoding="utf-8"))
        files = {file.name: file for file in path.parent.iterdir()}
        size = sum(file.stat().st_size for file in files.values())
        metadata |= {"name": path.parent.name, "megabytes": size / 1e6}
        metadata["examples"] = [str(files.get(e, e)) for e in metadata["examples"]]
        presets.append(Preset(**{f.name: metadata[f.name] for f in fields(Preset)}))
    return presets


class PresetNames:
    """A class attribute with the names of the presets of that class.

    The class that defines it has the names of all.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner = owner

    def __get__(self, instance: object, owner: type) -> list[str]:
        return [
            preset.name
            for preset in list_presets()
            if owner is self.owner or preset.class_name == owner.__name__
        ]


def load_class(class_name: str) -> Any:
    """Imports the class of a model."""
    module = importlib.import_module(f"zoo_models.{FOLDERS[class_name]}.model")
    return getattr(module, class_name)


def folder_module(model_class: type, name: str) -> ModuleType:
    """Imports a module of the folder of a class, or of its first base in the zoo.

    Raises:
        ValueError: If there is no such folder.
    """
    for kind in model_class.__mro__:
        if (folder := FOLDERS.get(kind.__name__)) is not None:
            return importlib.import_module(f"zoo_models.{folder}.{name}")
    raise ValueError(
        f"`{name}` needs a model of one of {[*FOLDERS]}. Received: a "
        f"{model_class.__name__}"
    )


def find_preset(preset: str | Path) -> Path:
    """Returns the folder of a preset, for its name or its folder.

    Raises:
        ValueError: If there is neither. The error lists the names.
    """
    for folder in (PRESETS_FOLDER / preset, Path(preset)):
        if (folder / "config.json").is_file():
            return folder
    names = ", ".join(p.name for p in list_presets()) or "none"
    raise ValueError(
        "A preset must be one of the names that `rnnzoo list` shows, or a folder "
        f"with a config.json. Received: {str(preset)!r}. Names: {names}"
    )


def read_config(folder: Path) -> Json:
    """Reads `config.json`: the class of the model and its arguments.

    Raises:
        ValueError: If it is damaged or names a class that is not in the zoo.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        class_name, arguments = config["class_name"], dict(config["config"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not the config of a preset: {error!r}") from error
    # No others are imported: a preset cannot make the program run code of its own.
    if class_name not in FOLDERS:
        raise ValueError(
            f"`class_name` in {path} must be one of {[*FOLDERS]}. "
            f"Received: {class_name!r}"
        )
    return {**config, "class_name": class_name, "config": arguments}


def read_metadata(folder: Path) -> Json:
    """Reads `metadata.json`; an empty dictionary if there is none."""
    path = folder / "metadata.json"
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(folder: Path) -> None:
    """Checks each file of a preset against the SHA-256 in `metadata.json`.

    A folder without hashes passes with a warning.

    Raises:
        ValueError: If a file is missing or is not the one that was saved.
    """
    files = read_metadata(folder).get("files")
    if files is not None and not isinstance(files, dict):
        raise ValueError(f"`files` in {folder}/metadata.json must map names to SHA-256")
    if not files:
        warnings.warn(
            f"{folder} has no metadata.json with hashes: its files are not checked.",
            stacklevel=2,
        )
        return
    needed = {"config.json", WEIGHTS_FILE, *(p.name for p in folder.glob("voc*.txt"))}
    if needed - set(files):
        raise ValueError(
            f"{folder}/metadata.json has no SHA-256 of {sorted(needed - set(files))}."
        )
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            raise ValueError(f"The preset is not whole: {path} is missing.")
        received = sha256_of(path)
        if received != expected:
            raise ValueError(
                f"{path} is damaged or was changed. Expected SHA-256 {expected}. "
                f"Received: {received}"
            )
