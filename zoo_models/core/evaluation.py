"""Metrics of presets on splits of data sets.

The `evaluation.py` of a model's folder has two functions. `reader` returns a function
that reads an example of a data set. `measure` returns the metrics on examples.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.core.checks import check_positive
from rnnzoo.datasets import open_dataset
from zoo_models.core import presets as preset_files
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
        preset: Name or folder of a preset.
        split: Split of the data set. Default: `"test"`, or all whose names begin with
            it; `"all"` of a folder.
        dataset: Name of a TFDS data set. Default: those that the preset names, or the
            one that it was trained on.
        data_dirs: Folders to search for prepared sets: see
            `rnnzoo.datasets.open_dataset`.
        manual_dir: Folder with files that were downloaded by hand.
        limit: Number of examples at most, the first ones. Default: all.
        download: Whether an unprepared set may be downloaded.
        model: The model to measure. Default: that of the preset.
        folder: Folder with images and captions, instead of a data set, for a captioner:
            see `rnnzoo.datasets.read_caption_folder`.

    Returns:
        For each split `{"preset", "dataset", "split", "num_examples", "metrics"}`;
        `accuracy` and `expected_calibration_error` are from 0 to 1, `bleu` and other
        metrics of texts from 0 to 100.

    Raises:
        ValueError: If the preset names no data set, if there is no such split, or if
            the model does not take a folder.
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
    results = []
    for found in _find_splits(preset, dataset, split, data_dirs, manual_dir, download):
        examples = read_split(model, found.builder, found.settings, found.split, limit)
        result = _measure(model, found.dataset, found.split, examples)
        metrics = result["metrics"]
        result["metrics"] = {name: metrics[name] for name in found.metrics or metrics}
        results.append(result)
    return results


def read_splits(
    model: ZooModel,
    preset: str | Path,
    data_dirs: Sequence[str | Path] = (),
    limit: int | None = None,
) -> Iterator[tuple[str, str, Iterator[Any]]]:
    """Yields the data sets with their version, the splits that a preset is evaluated
    on, and the examples of each, or the first ones."""
    for found in _find_splits(preset, None, None, data_dirs):
        examples = read_split(model, found.builder, found.settings, found.split, limit)
        yield found.dataset, found.split, examples


def read_split(
    model: ZooModel,
    builder: Any,
    settings: Json,
    split: str,
    limit: int | None = None,
) -> Iterator[Any]:
    """Returns the examples of a split, or the first ones, as the `reader` of the
    model's folder reads them. `settings` are the names of the features, such as
    `text`."""
    read = model.folder_module("evaluation").reader(builder, settings, model)
    examples = builder.as_dataset(split=split).map(read, num_parallel_calls=2)
    examples = examples if limit is None else examples.take(limit)
    return examples.as_numpy_iterator()


class _Split(NamedTuple):
    """A split to measure a preset on.

    Attributes:
        settings: The `name` of a data set, and names of its features.
        builder: Its TFDS builder.
        split: Name of the split.
        metrics: Metrics to keep, or `None` for all.
    """

    settings: Json
    builder: Any
    split: str
    metrics: list[str] | None

    @property
    def dataset(self) -> str:
        """Name and version of the data set."""
        return f"{self.settings['name'].partition(':')[0]}:{self.builder.version}"


def _find_splits(
    preset: str | Path, dataset: str | None, split: str | None, *where: Any
) -> list[_Split]:
    """Returns the splits of the `measured_on` in a preset's metadata, unless a data set
    or split is given. `where` are other arguments of `open_dataset`."""
    entries: list[Json]
    if dataset is not None:
        entries = [{"dataset": {"name": dataset}, "split": split}]
    else:
        metadata = preset_files.read_metadata(preset_files.find_preset(preset))
        source = metadata.get("dataset")
        own = {"dataset": source, "split": (source or {}).get("split")}
        entries = [e for e in metadata.get("measured_on", [own]) if e["dataset"]]
        if split is not None:
            entries = [{"dataset": e["dataset"], "split": split} for e in entries[:1]]
    if not entries:
        raise ValueError(
            f"{preset} does not say what it was trained on: name a data set "
            "(--dataset on the command line)."
        )
    # All are opened before the first is measured, which takes long.
    builders = [open_dataset(entry["dataset"]["name"], *where) for entry in entries]
    return [
        _Split(entry["dataset"], builder, name, entry.get("metrics"))
        for entry, builder in zip(entries, builders, strict=True)
        for name in _names_of_splits(builder, entry.get("split"))
    ]


def _names_of_splits(builder: Any, split: str | None) -> list[str]:
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
    evaluation = model.folder_module("evaluation")
    if not hasattr(evaluation, "read_caption_folder"):
        raise ValueError(
            "Only a captioner is measured on a folder, of images and their captions. "
            f"Received: {model.preset}, a {type(model).__name__}"
        )
    examples = itertools.islice(evaluation.read_caption_folder(folder, split), limit)
    return _measure(model, Path(folder).resolve().name, split, examples)


def _measure(
    model: ZooModel, dataset: str, split: str, examples: Iterable[Any]
) -> Json:
    numbers = itertools.count()
    counted = (example for example, _ in zip(examples, numbers, strict=False))
    metrics = model.folder_module("evaluation").measure(model, counted)
    return {
        "preset": model.preset,
        "dataset": dataset,
        "split": split,
        "num_examples": next(numbers),
        "metrics": metrics,
    }
