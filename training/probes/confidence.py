"""Calibration on validation inputs, and its out-of-distribution detection."""

import importlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

# Inputs at most: to calibrate on, and of each kind of out-of-distribution inputs.
VALIDATION = 1000
FOREIGN = 200
VALIDATION_SPLIT = "validation"


def measure(
    preset: str | Path,
    data_dirs: Sequence[str | Path] = (),
    limit: int | None = None,
) -> dict[str, Any]:
    """Calibrates a model on held-out inputs and counts which inputs it marks.

    The limits mark 3 % of the validation inputs. The preset stays as it is.

    Args:
        preset: Name or folder of a preset.
        data_dirs: Folders of prepared TFDS sets.
        limit: Number of test inputs at most. Default: all.

    Returns:
        `calibration`, for `config.json`; `validation_examples`, their number; and
        `inputs`: for each kind its `name`, the number of `examples`, the share that is
        `marked` and, for out-of-distribution kinds, the `auroc`.
    """
    from sklearn.metrics import roc_auc_score

    from rnnzoo.datasets import open_dataset
    from zoo_models.core.evaluation import read_splits
    from zoo_models.core.presets import find_preset, read_metadata

    folder = find_preset(preset)
    model = _load_uncalibrated(folder)
    metadata = read_metadata(folder)
    builder = open_dataset(metadata["dataset"]["name"], data_dirs)
    validation = read_validation(builder, model, metadata)
    module = _module_of(model)
    kinds = [0] * len(validation)
    if hasattr(module, "read_second_validation"):
        recipe = metadata.get("training", {}).get("config", {})
        validation += module.read_second_validation(recipe, data_dirs)
        kinds += [1] * (len(validation) - len(kinds))
    model.calibrate(validation, verbose=0, kinds=kinds)
    known: dict[str, np.ndarray] = {}
    rows: list[dict[str, Any]] = []
    for name, split, examples in read_splits(model, folder, data_dirs, limit):
        if name not in known:  # one split of each data set
            known[name] = _confidences(model, [_input_of(e) for e in examples])
            data = f"{name.partition(':')[0]}, " if rows else ""
            rows.append(_row(f"{data}split {split}", known[name]))
    domain, *_ = known.values()
    for name, inputs in find_foreign(model, builder, data_dirs).items():
        foreign = _confidences(model, inputs)
        is_known = [True] * len(domain) + [False] * len(foreign)
        value = roc_auc_score(is_known, np.concatenate([domain, foreign]))
        rows.append({**_row(name, foreign), "auroc": float(value)})
    return {
        "calibration": model.calibration.to_json(),
        "validation_examples": len(validation),
        "inputs": rows,
    }


def _load_uncalibrated(folder: Path) -> Any:
    """Loads a preset without its calibration, whose signals may be out of date."""
    from rnnzoo import ZooModel
    from zoo_models.core.presets import read_config, read_metadata
    from zoo_models.core.saving import write_checksums, write_json

    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(shutil.copytree(folder, Path(temporary) / folder.name))
        write_json(copy / "config.json", {**read_config(copy), "confidence": None})
        write_checksums(copy, read_metadata(copy))
        return ZooModel.from_preset(copy)


def read_validation(builder: Any, model: Any, metadata: dict[str, Any]) -> list[Any]:
    """Reads the inputs that a run held out.

    These are the split `validation`, or the part of the train split that the run left
    out.

    Raises:
        ValueError: If there is no such split, and the metadata lack the size of the
            part.
    """
    from training.core.holdout import split_validation
    from zoo_models.core.evaluation import read_split

    dataset = metadata["dataset"]
    recipe = metadata.get("training", {}).get("config", {})
    split = recipe.get("validation_split", VALIDATION_SPLIT)
    if split in builder.info.splits:
        examples = read_split(model, builder, dataset, split, VALIDATION)
        return [_input_of(example) for example in examples]
    split = recipe.get("train_split", "train")
    count = builder.info.splits[split].num_examples
    if "validation_texts" in recipe:
        places = np.random.default_rng(0).permutation(count)
        places = places[: recipe["validation_texts"]]
    elif "validation_fraction" in recipe:
        _, places = split_validation(count, recipe["validation_fraction"], seed=0)
    else:
        raise ValueError(
            f"Validation inputs are needed: a split {VALIDATION_SPLIT!r}, or in the "
            "recipe a `validation_fraction` or `validation_texts`. Received: "
            f"{builder.name} with the splits {[*builder.info.splits]}"
        )
    held_out = set(places[:VALIDATION].tolist())
    examples = enumerate(read_split(model, builder, dataset, split))
    return [_input_of(example) for place, example in examples if place in held_out]


def _module_of(model: Any) -> Any:
    """Returns the module with the out-of-distribution inputs of a model."""
    from zoo_models.core.presets import FOLDERS

    folder = FOLDERS[type(model).__name__]
    return importlib.import_module(f"training.{folder}.foreign")


def find_foreign(
    model: Any, builder: Any, data_dirs: Sequence[str | Path]
) -> dict[str, list[Any]]:
    """Reads out-of-distribution inputs by kind; unprepared data sets are left out."""
    found: dict[str, list[Any]] = {}
    for name, make in _module_of(model).kinds(model, builder, data_dirs).items():
        try:
            found[name] = make(FOREIGN)
        except FileNotFoundError as error:
            click.echo(f"Left out, {name}: {str(error).splitlines()[0]}", err=True)
    return found


def _confidences(model: Any, inputs: list[Any]) -> np.ndarray:
    values = model.measure(inputs, batch_size=64, verbose=0)
    # With a calibration the second argument does not count.
    added = model.confidence.fields(values, np.ones(len(inputs)))
    return np.array([entry["confidence"] for entry in added])


def _row(name: str, confidences: np.ndarray) -> dict[str, Any]:
    from zoo_models.core.confidence import UNSURE

    return {
        "name": name,
        "examples": len(confidences),
        "marked": float(np.mean(confidences < UNSURE)),
    }


def _input_of(example: Any) -> Any:
    """Returns the input of an example without its targets."""
    return example[0] if isinstance(example, tuple | list) else example
