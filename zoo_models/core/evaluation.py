"""Metrics of a preset on the split of a data set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.datasets import find_feature, open_dataset
from zoo_models.core import presets as preset_files
from zoo_models.core.zoo_model import ZooModel
from zoo_models.image_captioner.evaluation import evaluate_captioner
from zoo_models.translator.evaluation import evaluate_translator

DEFAULT_SPLIT = "test"

# What TFDS abbreviates.
LABEL_NAMES = {"neg": "negative", "pos": "positive"}


def evaluate_preset(
    preset: str | Path,
    split: str | None = None,
    dataset: str | None = None,
    data_dirs: Sequence[str | Path] = (),
    manual_dir: str | Path | None = None,
    limit: int | None = None,
    download: bool = False,
) -> list[dict[str, Any]]:
    """Measures a preset on real data.

    Args:
        preset: Name of a preset, or a folder of one's own.
        split: Split of the data set. Default `"test"`; for a translator all whose
            names begin so.
        dataset: Name of a TFDS data set. Default: the one the preset was trained on.
        data_dirs: Folders to search for prepared sets: see
            `rnnzoo.datasets.open_dataset`.
        manual_dir: Folder with files that were downloaded by hand.
        limit: Number of examples at most, the first ones. Default: all.
        download: Whether an unprepared set may be downloaded.

    Returns:
        For each split `{"preset", "dataset", "split", "num_examples", "metrics"}`;
        `accuracy` is from 0 to 1, `bleu` (of lower-cased tokens) and `sacrebleu` (of
        the texts as they are) from 0 to 100; those of captions are what
        `rnnzoo.metrics.caption_metrics` and `caption_variety` tell.

    Raises:
        ValueError: If the preset names no data set, or the split is not there.
        FileNotFoundError: If the data set is not prepared.
    """
    model = ZooModel.from_preset(preset)
    builder, settings = _open_dataset(preset, dataset, data_dirs, manual_dir, download)
    if limit is not None and limit < 1:
        raise ValueError(f"`limit` must be a positive integer. Received: {limit}")
    output = getattr(model, "output_name", "label")
    if output == "translation":
        return evaluate_translator(model, builder, split, settings, limit)
    split = split or DEFAULT_SPLIT
    if output == "caption":
        return evaluate_captioner(model, builder, split, settings, limit)
    labels, answers = _classify_split(model, builder, settings, split, limit)
    return [
        {
            "preset": model.preset,
            "dataset": f"{builder.name}:{builder.version}",
            "split": split,
            "num_examples": len(labels),
            "metrics": {"accuracy": float(np.mean(labels == answers))},
        }
    ]


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
    model: Any = ZooModel.from_preset(preset)
    builder, settings = _open_dataset(preset, None, data_dirs, None, False)
    labels, answers = _classify_split(model, builder, settings, split, None)
    matrix = np.zeros((len(model.labels), len(model.labels)), int)
    np.add.at(matrix, (labels, answers), 1)
    return matrix


def _open_dataset(
    preset: str | Path,
    dataset: str | None,
    data_dirs: Sequence[str | Path],
    manual_dir: str | Path | None,
    download: bool,
) -> tuple[Any, dict[str, Any]]:
    """The builder of a data set, and what the preset's metadata says of it."""
    metadata = preset_files.read_metadata(preset_files.find_preset(preset))
    settings = metadata.get("dataset", {}) if dataset is None else {"name": dataset}
    if not settings:
        raise ValueError(
            f"{preset} does not say what it was trained on: name a data set "
            "(--dataset on the command line)."
        )
    return open_dataset(settings["name"], data_dirs, manual_dir, download), settings


def _classify_split(
    model: Any, builder: Any, settings: dict[str, Any], split: str, limit: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The true classes and the model's answers, as numbers."""
    if split not in builder.info.splits:
        raise ValueError(
            f"The split of {builder.name} must be one of {list(builder.info.splits)}. "
            f"Received: {split!r}"
        )
    kind = model.input_kind
    feature = find_feature(builder, kind, settings.get(kind))
    label = find_feature(builder, "label", settings.get("label"))
    examples = builder.as_dataset(split=split)
    if limit is not None:
        examples = examples.take(limit)
    examples = list(examples.as_numpy_iterator())
    labels = np.array([example[label] for example in examples])
    _check_classes(builder, label, labels, model)
    answers = model.classify([example[feature] for example in examples])
    numbers = {name: i for i, name in enumerate(model.labels)}
    return labels, np.array([numbers[answer["label"]] for answer in answers], int)


def _check_classes(builder: Any, label: str, labels: np.ndarray, model: Any) -> None:
    """Raises `ValueError` if the data set's classes are not the model's."""
    names = [LABEL_NAMES.get(n, n) for n in builder.info.features[label].names]
    if names != model.labels:
        raise ValueError(
            f"The data set must have the model's classes, {model.labels}. Received: "
            f"{names} in {builder.name}"
        )
    model.check_labels(labels)
