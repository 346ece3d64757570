"""The initial parameters of a classifier: two language models, or a classifier."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras

from rnnzoo.text import Vocabulary
from training.core import run_folder
from training.core.origin import check_same, find_start

BACKWARD = "backward"  # beside the preset, in the folder of a language model's run


@dataclass
class Start:
    """Trained models to start from.

    Attributes:
        vocabulary: Their vocabulary.
        origin: The entries of the metadata that describe them.
        give: Sets the parameters of a classifier; raises `ValueError` if it has other
            sizes or labels.
    """

    vocabulary: Vocabulary
    origin: dict[str, Any]
    give: Callable[[Any], None]


def load_classifier(preset: str, load: Callable[[str], Any]) -> Start:
    """Returns a start from the classifier of a preset.

    Args:
        preset: Its name or folder.
        load: Loads a classifier from a preset.

    Raises:
        ValueError: If the metadata of the preset have no command.
    """
    folder, made = find_start(preset)
    model = load(str(folder))
    give = partial(_give_all, model)
    return Start(model.preprocessor.vocabulary, {"started_from": made}, give)


def load_language_models(folder: str, load: Callable[[Path], Any]) -> Start:
    """Returns a start from the language models in the folder of a run.

    Args:
        folder: Folder of the run.
        load: Loads a language model from a preset's folder.

    Raises:
        FileNotFoundError: If the run is not finished.
    """
    run = Path(folder)
    metrics = run / run_folder.METRICS
    if not metrics.is_file() or not (run / BACKWARD).is_dir():
        raise FileNotFoundError(
            "`language_model` must be the folder of a finished run of "
            f"training.train_language_model in both directions. Received: {run}"
        )
    models = load(run / run_folder.PRESET), load(run / BACKWARD)
    command = json.loads(metrics.read_text(encoding="utf-8"))["command"]
    return Start(
        models[0].preprocessor.vocabulary,
        {"grown_from": command},
        partial(_give_layers, models),
    )


def _give_all(model: Any, classifier: Any) -> None:
    """Sets all parameters of a classifier."""
    names = ("labels", "embedding_dim", "units")
    check_same("the classifier to start from", model, classifier, *names)
    classifier.set_weights(model.get_weights())


def _give_layers(models: tuple[Any, Any], classifier: Any) -> None:
    """Sets the embeddings and the recurrent layers of a classifier."""
    check_same("the language model", models[0], classifier, "embedding_dim", "units")
    # The language model scales its embeddings.
    table = models[0].words.embed.embeddings * models[0].embedding_dim ** 0.5
    embedding = classifier.get_layer("embedding")
    embedding.set_weights([keras.ops.convert_to_numpy(table)])
    for cell, model in zip(classifier.cells(), models, strict=True):
        cell.set_weights(model.words.layer.cell.get_weights())
