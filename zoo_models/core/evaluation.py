"""Metrics of presets on splits of data sets.

The `evaluation.py` of a model's folder says what is read of a data set and how answers
are measured; here is which sets and splits, and the record of the result.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.core.checks import check_positive
from rnnzoo.datasets import open_dataset
from zoo_models.core import presets as preset_files
from zoo_models.core.classification import count_confusions
from zoo_models.core.types import Json
from zoo_models.core.zoo_model import ZooModel

DEFAULT_SPLIT = "test"
WHOLE_FOLDER = "all"


def evaluate_preset(
    preset: str | Path,
    split: str | None = None,
    dataset: str | None = None,
    data_dirs: Sequence[str | Path] = (),
    manual_dir: str | Path | None = None,
    limit: int | None = None,
    download: bool = False,
    model: ZooModel | None = None,
    folder: str | Path | None = None,
) -> list[Json]:
    """Measures a preset on real data.

    Args:
        preset: Name of a preset, or a folder of one's own.
        split: Split of the data set. Default `"test"`, or all whose names begin so; of
            a folder `"all"`.
        dataset: Name of a TFDS data set. Default: those that the preset names, or the
            one that it was trained on.
        data_dirs: Folders to search for prepared sets: see
            `rnnzoo.datasets.open_dataset`.
        manual_dir: Folder with files that were downloaded by hand.
        limit: Number of examples at most, the first ones. Default: all.
        download: Whether an unprepared set may be downloaded.
        model: The preset's model, or one whose verbs answer in another way. Default:
            it is loaded.
        folder: Folder of one's own, instead of a data set: images and their captions,
            for a captioner. See `rnnzoo.datasets.read_caption_folder`, which says what
            is in it and what its splits are.

    Returns:
        For each split `{"preset", "dataset", "split", "num_examples", "metrics"}`;
        the metrics are what `measure` in the `evaluation.py` of the model's folder
        tells: `accuracy` and `expected_calibration_error` are from 0 to 1, `bleu` and
        its like from 0 to 100.

    Raises:
        ValueError: If the preset names no data set, or the split is not there; if a
            folder is named beside a data set, or for a model that reads none.
        FileNotFoundError: If the data set is not prepared, or the folder lacks a file.
    """
    if limit is not None:
        check_positive("limit", limit)
    if folder is not None and (dataset or data_dirs or manual_dir or download):
        raise ValueError(
            "A folder must be given instead of a data set. Received: "
            f"folder={str(folder)!r} beside a data set, or where one is"
        )
    model = ZooModel.from_preset(preset) if model is None else model
    if folder is not None:
        return [_measure_folder(model, folder, split or WHOLE_FOLDER, limit)]
    tasks = _find_tasks(preset, dataset, split)
    # All are there before the first is measured, which takes long.
    builders = [open_dataset(t.name, data_dirs, manual_dir, download) for t in tasks]
    results = []
    for task, builder in zip(tasks, builders, strict=True):
        for name in _find_splits(builder, task.split):
            examples = read_split(model, builder, task.settings, name, limit)
            count, metrics = _measure(model, examples)
            kept = task.metrics or list(metrics)
            version = task.name.partition(":")[0], builder.version
            results.append(
                {
                    "preset": model.preset,
                    "dataset": "{}:{}".format(*version),
                    "split": name,
                    "num_examples": count,
                    "metrics": {name: metrics[name] for name in kept},
                }
            )
    return results


def confusion_matrix(
    preset: str | Path,
    split: str = DEFAULT_SPLIT,
    data_dirs: Sequence[str | Path] = (),
) -> np.ndarray:
    """Counts which classes a classifier takes for which.

    Args:
        preset: Name of a preset, or a folder of one's own.
        split: Split of the data set that the preset was trained on.
        data_dirs: Folders to search for prepared sets.

    Returns:
        Integer array of shape `(num_classes, num_classes)`: the rows are the true
        classes, the columns the answers.
    """
    model = ZooModel.from_preset(preset)
    task, *_ = _find_tasks(preset, None, split)
    builder = open_dataset(task.name, data_dirs)
    (name,) = _find_splits(builder, split)
    return count_confusions(model, read_split(model, builder, task.settings, name))


def read_inputs(
    model: ZooModel,
    preset: str | Path,
    count: int,
    data_dirs: Sequence[str | Path] = (),
) -> tuple[list[Any], str]:
    """Raw inputs of the split that a preset is measured on first.

    Args:
        model: The preset's model.
        preset: Name of the preset, or its folder.
        count: Number of inputs at most, the first ones.
        data_dirs: Folders to search for prepared sets.

    Returns:
        The inputs, without labels and the like, and where they are from.
    """
    name, split, examples = next(read_splits(model, preset, data_dirs, count))
    inputs = [e[0] if isinstance(e, tuple | list) else e for e in examples]
    return inputs, f"{name}, split {split}"


def read_splits(
    model: ZooModel,
    preset: str | Path,
    data_dirs: Sequence[str | Path] = (),
    limit: int | None = None,
) -> Iterator[tuple[str, str, Iterator[Any]]]:
    """Reads the splits that a preset is evaluated on.

    Args:
        model: The preset's model.
        preset: Name of the preset, or its folder.
        data_dirs: Folders to search for prepared sets.
        limit: Number of examples of each split at most, the first ones. Default: all.

    Yields:
        The name of the data set with its version, the split, and its examples.
    """
    for task in _find_tasks(preset, None, None):
        builder = open_dataset(task.name, data_dirs)
        name = f"{task.name.partition(':')[0]}:{builder.version}"
        for split in _find_splits(builder, task.split):
            examples = read_split(model, builder, task.settings, split, limit)
            yield name, split, examples


def read_split(
    model: ZooModel,
    builder: Any,
    settings: dict[str, Any],
    split: str,
    limit: int | None = None,
) -> Iterator[Any]:
    """Reads a split as the `reader` in the `evaluation.py` of the model's folder does.

    Args:
        model: A model of the zoo.
        builder: TFDS builder of the data set.
        settings: Names of the features, such as `text` and `label`.
        split: Name of the split.
        limit: Number of examples at most. Default: all.
    """
    read = model.folder_module("evaluation").reader(builder, settings, model)
    examples = builder.as_dataset(split=split).map(read, num_parallel_calls=2)
    examples = examples if limit is None else examples.take(limit)
    return examples.as_numpy_iterator()


@dataclass(frozen=True)
class _Task:
    """What a preset is measured on.

    Attributes:
        settings: The `name` of a data set, and names of its features.
        split: Split of it, or `None` for those to test on.
        metrics: Metrics to keep, or `None` for all.
    """

    settings: dict[str, Any]
    split: str | None
    metrics: list[str] | None = None

    @property
    def name(self) -> str:
        """Name of the data set."""
        return str(self.settings["name"])


def _find_tasks(
    preset: str | Path, dataset: str | None, split: str | None
) -> list[_Task]:
    """What a preset says that it is measured on, unless the user says otherwise.

    Its metadata may have a list `measured_on` of `dataset`, `split` and `metrics`.
    """
    if dataset is not None:
        return [_Task({"name": dataset}, split)]
    metadata = preset_files.read_metadata(preset_files.find_preset(preset))
    source = metadata.get("dataset")
    own = {"dataset": source, "split": (source or {}).get("split")}
    tasks = [
        _Task(entry["dataset"], entry.get("split"), entry.get("metrics"))
        for entry in metadata.get("measured_on", [own])
        if entry["dataset"]
    ]
    if not tasks:
        raise ValueError(
            f"{preset} does not say what it was trained on: name a data set "
            "(--dataset on the command line)."
        )
    return tasks if split is None else [_Task(tasks[0].settings, split)]


def _find_splits(builder: Any, split: str | None) -> list[str]:
    """The split, or those to test on; a `ValueError` if there are none."""
    known = list(builder.info.splits)
    wanted = split or DEFAULT_SPLIT
    if wanted.partition("[")[0] in known:  # or a part of it, such as "test[:1000]"
        return [wanted]
    found = [s for s in known if split is None and s.startswith(DEFAULT_SPLIT)]
    if not found:
        raise ValueError(
            f"The split of {builder.name} must be one of {known}. Received: {wanted!r}"
        )
    return found


def _measure_folder(
    model: ZooModel, folder: str | Path, split: str, limit: int | None
) -> Json:
    """The metrics on a folder of the user's own."""
    evaluation = model.folder_module("evaluation")
    if not hasattr(evaluation, "read_folder"):
        raise ValueError(
            "Only a captioner is measured on a folder, of images and their captions. "
            f"Received: {model.preset}, a {type(model).__name__}"
        )
    examples = evaluation.read_folder(folder, split)
    count, metrics = _measure(model, itertools.islice(examples, limit))
    return {
        "preset": model.preset,
        "dataset": Path(folder).resolve().name,
        "split": split,
        "num_examples": count,
        "metrics": metrics,
    }


def _measure(model: ZooModel, examples: Iterable[Any]) -> tuple[int, Json]:
    """The number of examples, and the metrics on them."""
    count = 0

    def counted() -> Iterator[Any]:
        nonlocal count
        for example in examples:
            count += 1
            yield example

    metrics = model.folder_module("evaluation").measure(model, counted())
    return count, metrics
