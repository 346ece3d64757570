"""Saves and loads presets: configuration, weights, vocabularies."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from rnnzoo.core.files import atomic_write
from zoo_models.core import presets as preset_files
from zoo_models.core.presets import WEIGHTS_FILE, sha256_of
from zoo_models.core.types import Json

WEIGHT_TYPES = ("float32", "float16")


def write_preset(
    model: Any,
    folder: str | Path,
    metadata: Json | None = None,
    weights_dtype: str = "float32",
) -> None:
    """Writes the model for `from_preset(folder)`. Replaces an existing preset once
    the new one is complete.

    This is the method `save_to_preset` of all models.

    Args:
        model: The model.
        folder: Folder to write.
        metadata: More entries for `metadata.json`.
        weights_dtype: `"float32"` (default) or `"float16"`, half as large.

    Raises:
        FileExistsError: If the folder holds something that is not a preset.
    """
    folder = Path(folder)
    if weights_dtype not in WEIGHT_TYPES:
        raise ValueError(
            f"`weights_dtype` must be one of {WEIGHT_TYPES}. "
            f"Received: {weights_dtype!r}"
        )
    is_preset = (folder / "config.json").is_file()
    is_free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    if not is_preset and not is_free:
        raise FileExistsError(
            f"{folder} is there and is not a preset. Nothing was written."
        )
    with atomic_write(folder) as aside:
        aside.mkdir()
        class_name = type(model).__name__
        config = {
            "class_name": class_name,
            "config": model.get_config(),
            "preprocessor": model.preprocessor and model.preprocessor.save(aside),
        }
        if model.calibration is not None:
            config["confidence"] = model.calibration.to_json()
        write_json(aside / "config.json", config)
        # Not the model itself: it would save its optimizer too.
        model.network().save_weights(aside / WEIGHTS_FILE)
        if weights_dtype != "float32":
            _cast_weights(aside / WEIGHTS_FILE, weights_dtype)
        description = {
            "class_name": class_name,
            "task": model.task,
            "metric": model.metric,
            "parameters": model.num_parameters(),
            **(metadata or {}),
            "files": {path.name: sha256_of(path) for path in sorted(aside.iterdir())},
        }
        write_json(aside / "metadata.json", description)


def load_model(
    model_class: type, preset: str | Path, load_weights: bool, overrides: Json
) -> Any:
    """Implements `ZooModel.from_preset`, called on `model_class`."""
    # Programs that only write JSON start without Keras.
    from rnnzoo.layers.initializers import without_drawing
    from zoo_models.core.confidence import Calibration
    from zoo_models.core.exporting import Origin

    folder = preset_files.find_preset(preset)
    config = preset_files.read_config(folder)
    class_name = config["class_name"]
    found_class = preset_files.load_class(class_name)
    if not issubclass(found_class, model_class):
        known = model_class.presets  # type: ignore[attr-defined]
        raise ValueError(
            f"{model_class.__name__} has the presets {known}. Received: "
            f"{str(preset)!r}, a {found_class.__name__}"
        )
    preset_files.verify(folder)
    arguments = {**config["config"], **overrides}
    settings = config.get("preprocessor")
    if "preprocessor" not in arguments:
        arguments["preprocessor"] = None
        if settings is not None:
            kind = found_class.preprocessor_class
            arguments["preprocessor"] = kind.load(folder, settings, arguments)
    path = folder / WEIGHTS_FILE
    if not load_weights:
        model = found_class(**arguments)
    elif set(overrides) - {"preprocessor", "name"}:
        model = found_class(**arguments)
        load_what_fits(model.network(), path)
    else:
        with without_drawing():
            model = found_class(**arguments)
        model.network().load_weights(path)
    model.preset = folder.resolve().name
    is_as_published = load_weights and not set(overrides) - {"name"}
    if is_as_published and config.get("confidence") is not None:
        try:
            model.calibration = Calibration.from_json(config["confidence"])
        except ValueError as error:
            raise ValueError(f"`confidence` in {folder}/config.json: {error}") from None
    model.origin = Origin.of(model, folder, is_as_published)
    return model


def load_what_fits(network: Any, path: Path) -> None:
    """Loads the weights whose shape fits and warns of layers that keep theirs."""
    before = [[w.numpy() for w in layer.weights] for layer in network.layers]
    with warnings.catch_warnings():
        # Keras would print whole arrays.
        warnings.simplefilter("ignore")
        network.load_weights(path, skip_mismatch=True)
    left = [
        layer.name
        for layer, weights in zip(network.layers, before, strict=True)
        if weights
        and all(
            np.array_equal(w.numpy(), old)
            for w, old in zip(layer.weights, weights, strict=True)
        )
    ]
    if left:
        warnings.warn(
            f"The weights that no longer fit start at random: {', '.join(left)}",
            stacklevel=4,
        )


def write_checksums(folder: Path, metadata: Json) -> None:
    """Writes `metadata.json` with the SHA-256 of all other files of a preset."""
    metadata["files"] = {
        path.name: sha256_of(path)
        for path in sorted(folder.iterdir())
        if path.name != "metadata.json"
    }
    write_json(folder / "metadata.json", metadata)


def write_json(path: Path, content: Any) -> None:
    """Writes `content` as indented JSON."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    # Lists of numbers go on one line: there are hundreds of states.
    text = re.sub(r"\[\s+(-?\d[^][{}\"]*?)\s+\]", _on_one_line, text)
    path.write_text(text + "\n", encoding="utf-8")


def _on_one_line(found: re.Match[str]) -> str:
    return f"[{' '.join(found[1].split())}]"


def _cast_weights(path: Path, dtype: str) -> None:
    """Rewrites the float32 arrays of a weights file in another type."""
    new_path = path.with_name(f"{path.name}.new")
    # A copy rather than a change in place: HDF5 does not free the space.
    with h5py.File(path, "r") as old, h5py.File(new_path, "w") as new:

        def copy(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                array = item[()]
                is_float = array.dtype == np.float32
                array = array.astype(dtype) if is_float else array
                # Weights that are all zero compress to almost nothing.
                packing = {"compression": "gzip"} if array.size > 1000 else {}
                new.create_dataset(name, data=array, **packing)
            else:
                new.require_group(name).attrs.update(item.attrs)

        old.visititems(copy)
        new.attrs.update(old.attrs)
    new_path.replace(path)
