"""Labels of unlabelled texts, as classifiers of one's own see them.

Self-training (Yarowsky, "Unsupervised Word Sense Disambiguation Rivaling Supervised
Methods", 1995) with the soft labels of a mixture (Hinton et al., "Distilling the
Knowledge in a Neural Network", 2015).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit

from training.core import run_folder

SUREST = 0.999  # no judge is taken to be surer than that


def load_own(folders: Sequence[Path], load: Any, labels: list[str]) -> list[Any]:
    """The classifiers in the folders of finished runs.

    Args:
        folders: Folders of runs of training.train_sentiment.
        load: Loads a classifier from a preset's folder.
        labels: The labels that they must have.

    Raises:
        FileNotFoundError: If a run is not finished.
        ValueError: If a classifier has other labels.
    """
    models = []
    for folder in folders:
        if not (folder / run_folder.METRICS).is_file():
            raise FileNotFoundError(
                f"--own-models needs runs that are finished. There is none in {folder}."
            )
        model = load(folder / run_folder.PRESET)
        if list(model.labels) != labels:
            raise ValueError(
                f"--own-models must have the labels {labels}. Received: "
                f"{list(model.labels)} in {folder}"
            )
        models.append(model)
    return models


def read_commands(folders: Sequence[Path]) -> list[str]:
    """The commands of finished runs."""
    return [
        json.loads((folder / run_folder.METRICS).read_text(encoding="utf-8"))["command"]
        for folder in folders
    ]


def ask_own(models: Sequence[Any], texts: list[bytes]) -> np.ndarray:
    """What each classifier says of texts: probabilities of the second of two labels, of
    shape `(models, texts)`."""
    return np.stack(
        [model.predict(texts, batch_size=128, verbose=1)[:, 1] for model in models]
    )


def mix(judgements: np.ndarray) -> np.ndarray:
    """Probabilities of a label, by the mean of the log-odds of all judges.

    Args:
        judgements: What each judge says of each text, of shape `(judges, texts)`.
    """
    return expit(logit(np.clip(judgements, 1 - SUREST, SUREST)).mean(axis=0))
