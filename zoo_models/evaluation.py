"""Metrics of a preset on the split of a data set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.datasets import find_feature, open_dataset
from zoo_models import presets as preset_files
from zoo_models.base import ZooModel
from zoo_models.text_generator import TextGenerator
from zoo_models.translation_evaluation import evaluate_translator

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
        the texts as they are) from 0 to 100.

    Raises:
        ValueError: If the preset names no data set, or the split is not there.
        FileNotFoundError: If the data set is not prepared.
    """
    model = ZooModel.from_preset(preset)
    metadata = preset_files.read_metadata(preset_files.find_preset(preset))
    settings = metadata.get("dataset", {}) if dataset is None else {"name": dataset}
    if not settings:
        raise ValueError(
            f"{preset} does not say what it was trained on: name a data set "
            "(--dataset on the command line)."
        )
    builder = open_dataset(settings["name"], data_dirs, manual_dir, download)
    if limit is not None and limit < 1:
        raise ValueError(f"`limit` must be a positive integer. Received: {limit}")
    if isinstance(model, TextGenerator):
        return evaluate_translator(model, builder, split, settings, limit)
    split = split or DEFAULT_SPLIT
    if split not in builder.info.splits:
        raise ValueError(
            f"The split of {builder.name} must be one of {list(builder.info.splits)}. "
            f"Received: {split!r}"
        )
    text = find_feature(builder, "text", settings.get("text"))
    label = find_feature(builder, "label", settings.get("label"))
    examples = builder.as_dataset(split=split)
    if limit is not None:
        examples = examples.take(limit)
    examples = list(examples.as_numpy_iterator())
    labels = np.array([example[label] for example in examples])
    _check_classes(builder, label, labels, model)
    answers = model.classify([example[text] for example in examples])
    predictions = [model.labels.index(answer["label"]) for answer in answers]
    return [
        {
            "preset": model.preset,
            "dataset": f"{builder.name}:{builder.version}",
            "split": split,
            "num_examples": len(examples),
            "metrics": {"accuracy": float(np.mean(labels == predictions))},
        }
    ]


def _check_classes(builder: Any, label: str, labels: np.ndarray, model: Any) -> None:
    """Raises `ValueError` if the data set's classes are not the model's."""
    names = [LABEL_NAMES.get(n, n) for n in builder.info.features[label].names]
    if names != model.labels:
        raise ValueError(
            f"The data set must have the model's classes, {model.labels}. Received: "
            f"{names} in {builder.name}"
        )
    model.check_labels(labels)
