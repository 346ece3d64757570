"""Fits what a preset knows of its confidence, and measures what it catches.

    python -m training.calibrate sentiment_en translator_multi30k_en_de

Limits are fitted on validation inputs, so that 3 % of them are marked. What they mark
of the test split and of foreign inputs is measured and written into the card. Weights
stay as they are. `training.publish` does the same for a new preset.
"""

import importlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from rnnzoo.quiet import import_tensorflow_quietly

# Inputs that a calibration is fitted on, at most, and of each kind of foreign ones.
VALIDATION = 1000
FOREIGN = 200
VALIDATION_SPLIT = "validation"


def calibrate(
    preset: str | Path, data_dirs: Sequence[str | Path] = (), limit: int | None = None
) -> dict[str, Any]:
    """Calibrates a preset where it lies, and writes its card anew.

    Args:
        preset: Name of a preset, or a folder of one's own.
        data_dirs: Folders of prepared TFDS sets.
        limit: Number of test inputs at most. Default: all.

    Returns:
        What was measured: see `add_confidence`.
    """
    from training.cards.card import write_card
    from zoo_models.core.presets import find_preset, read_metadata
    from zoo_models.core.saving import seal

    folder = find_preset(preset)
    metadata = read_metadata(folder)
    add_confidence(folder, metadata, data_dirs, limit)
    write_card(folder)
    seal(folder, metadata)
    return dict(metadata["confidence"])


def add_confidence(
    folder: Path,
    metadata: dict[str, Any],
    data_dirs: Sequence[str | Path] = (),
    limit: int | None = None,
) -> None:
    """Fits the calibration in a preset's `config.json`, and adds what it catches to the
    metadata.

    Args:
        folder: Folder of the preset, which is left sealed.
        metadata: Content of its `metadata.json`, which gets an entry `confidence`:
            the number of validation inputs, and of each kind of inputs the name,
            the number, the part that is marked and, for foreign ones, the AUROC.
        data_dirs: Folders of prepared TFDS sets.
        limit: Number of test inputs at most. Default: all.
    """
    from rnnzoo.datasets import open_dataset
    from zoo_models.core.presets import read_config
    from zoo_models.core.saving import seal, write_json

    model = _load_uncalibrated(folder)
    dataset = metadata["dataset"]
    builder = open_dataset(dataset["name"], data_dirs)
    validation = read_validation(builder, model, metadata)
    module = _module_of(model)
    kinds = [0] * len(validation)
    if hasattr(module, "read_second_validation"):
        recipe = metadata.get("training", {}).get("config", {})
        validation += module.read_second_validation(recipe, data_dirs)
        kinds += [1] * (len(validation) - len(kinds))
    model.calibrate(validation, verbose=0, kinds=kinds)
    write_json(
        folder / "config.json",
        {**read_config(folder), "confidence": model.calibration.to_json()},
    )
    tests = [name for name in builder.info.splits if name.startswith("test")]
    split = dataset.get("split") or min(tests)
    known = _confidences(model, _read(builder, split, model, dataset, limit))
    rows = [_row(f"split {split}", known)]
    for second in metadata.get("measured_on", [])[1:]:
        other, part = second["dataset"], second["split"]
        inputs = _read(
            open_dataset(other["name"], data_dirs), part, model, other, limit
        )
        name = f"{other['name']}, split {part}"
        rows.append(_row(name, _confidences(model, inputs)))
    for name, inputs in find_foreign(model, builder, data_dirs).items():
        foreign = _confidences(model, inputs)
        rows.append({**_row(name, foreign), "auroc": auroc(known, foreign)})
    metadata["confidence"] = {"validation_examples": len(validation), "inputs": rows}
    seal(folder, metadata)


def _load_uncalibrated(folder: Path) -> Any:
    """The model of a preset, whatever its calibration is of: a class may have got
    other signals since."""
    from rnnzoo import ZooModel
    from zoo_models.core.presets import read_config, read_metadata
    from zoo_models.core.saving import seal, write_json

    with tempfile.TemporaryDirectory() as aside:
        copy = Path(shutil.copytree(folder, Path(aside) / folder.name))
        write_json(copy / "config.json", {**read_config(copy), "confidence": None})
        seal(copy, read_metadata(copy))
        return ZooModel.from_preset(copy)


def read_validation(builder: Any, model: Any, metadata: dict[str, Any]) -> list[Any]:
    """The inputs that a run held out: those of the split `validation`, or those that
    were cut from the train split.

    Raises:
        ValueError: If there is no such split, and the metadata do not say how many
            were cut off.
    """
    from training.core.holdout import validation_indices

    dataset = metadata["dataset"]
    recipe = metadata.get("training", {}).get("config", {})
    split = recipe.get("validation_split", VALIDATION_SPLIT)
    if split in builder.info.splits:
        return _read(builder, split, model, dataset, VALIDATION)
    split = recipe.get("train_split", "train")
    count = builder.info.splits[split].num_examples
    if "validation_texts" in recipe:
        places = np.random.default_rng(0).permutation(count)
        places = places[: recipe["validation_texts"]]
    elif "validation_fraction" in recipe:
        places = validation_indices(count, recipe["validation_fraction"], seed=0)
    else:
        raise ValueError(
            f"Validation inputs are needed: a split {VALIDATION_SPLIT!r}, or in the "
            "recipe a `validation_fraction` or `validation_texts`. Received: "
            f"{builder.name} with the splits {[*builder.info.splits]}"
        )
    held_out = set(places[:VALIDATION].tolist())
    examples = enumerate(_examples(builder, split, model, dataset))
    return [example for place, example in examples if place in held_out]


def _module_of(model: Any) -> Any:
    """The module that knows foreign inputs of a model."""
    from zoo_models.core.presets import FOLDERS

    folder = FOLDERS[type(model).__name__]
    return importlib.import_module(f"training.{folder}.foreign")


def find_foreign(
    model: Any, builder: Any, data_dirs: Sequence[str | Path]
) -> dict[str, list[Any]]:
    """Foreign inputs by kind; those of sets that are not prepared are left out."""
    found: dict[str, list[Any]] = {}
    for name, make in _module_of(model).kinds(model, builder, data_dirs).items():
        try:
            found[name] = make(FOREIGN)
        except FileNotFoundError as error:
            click.echo(f"Left out, {name}: {str(error).splitlines()[0]}", err=True)
    return found


def auroc(known: np.ndarray, foreign: np.ndarray) -> float:
    """How often an input of the domain has a higher confidence than a foreign one; a
    draw counts half."""
    values = np.concatenate([known, foreign])
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    # Ranks from 1 on, those that are equal share their mean.
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n, m = len(known), len(foreign)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


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


def _examples(builder: Any, split: str, model: Any, dataset: dict[str, Any]) -> Any:
    """The inputs of a split, one by one."""
    read = model.folder_module("evaluation").reader(builder, dataset, model)

    def first(example: Any) -> Any:
        parts = read(example)
        return parts[0] if isinstance(parts, tuple) else parts

    # Images may be of different sizes: nothing is put into batches.
    examples = builder.as_dataset(split=split).map(first)
    return examples.as_numpy_iterator()


def _read(
    builder: Any, split: str, model: Any, dataset: dict[str, Any], limit: int | None
) -> list[Any]:
    examples = _examples(builder, split, model, dataset)
    return [x for _, x in zip(range(limit or 10**9), examples, strict=False)]


@click.command(help=__doc__)
@click.argument("presets", nargs=-1, required=True)
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
@click.option("--limit", type=click.IntRange(1), help="Test inputs at most.")
def main(
    presets: tuple[str, ...], data_dirs: tuple[str, ...], limit: int | None
) -> None:
    """Reads the command line and calibrates."""
    import_tensorflow_quietly()
    for preset in presets:
        try:
            measured = calibrate(preset, data_dirs, limit)
        except (OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error
        print(json.dumps({"preset": preset, **measured}, indent=2))


if __name__ == "__main__":
    main()
