"""The initial parameters of a classifier: two language models, or a classifier."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from rnnzoo.text import Vocabulary
from training.core import run_folder
from training.core.origin import check_same, find_start

BACKWARD = "backward"  # beside the preset, in the folder of a language model's run


@dataclass
class Start:
    """Language models of both directions.

    Attributes:
        forward: The `LanguageModel` that reads forwards.
        backward: The `LanguageModel` that reads backwards.
        command: The command that trained them.
    """

    forward: Any
    backward: Any
    command: str

    @property
    def vocabulary(self) -> Vocabulary:
        """Their vocabulary."""
        return self.forward.preprocessor.vocabulary

    @property
    def origin(self) -> dict[str, Any]:
        """The entries of the metadata."""
        return {"grown_from": self.command}

    def give(self, classifier: Any) -> None:
        """Sets the embeddings and the recurrent layers of a classifier.

        Raises:
            ValueError: If the classifier has other sizes.
        """
        ours = (self.forward.embedding_dim, self.forward.units)
        theirs = (classifier.embedding_dim, classifier.units)
        if ours != theirs:
            raise ValueError(
                "`embedding_dim` and `units` must be those of the language model, "
                f"{ours}. Received: {theirs}"
            )
        # The language model scales its embeddings.
        table = self.forward.words.embed.embeddings * self.forward.embedding_dim**0.5
        embedding = classifier.get_layer("embedding")
        embedding.set_weights([keras.ops.convert_to_numpy(table)])
        for cell, model in zip(
            classifier.cells(), (self.forward, self.backward), strict=True
        ):
            cell.set_weights(model.words.layer.cell.get_weights())


@dataclass
class StartedClassifier:
    """A trained classifier.

    Attributes:
        classifier: The `SentimentClassifier`.
        made: The dictionary of `find_start`.
    """

    classifier: Any
    made: dict[str, str]

    @property
    def vocabulary(self) -> Vocabulary:
        """Its vocabulary."""
        return self.classifier.preprocessor.vocabulary

    @property
    def origin(self) -> dict[str, Any]:
        """The entries of the metadata."""
        return {"started_from": self.made}

    def give(self, classifier: Any) -> None:
        """Sets all parameters of a classifier.

        Raises:
            ValueError: If the classifier has other labels or sizes.
        """
        ours, theirs = (
            {
                name: getattr(model, name)
                for name in ("labels", "embedding_dim", "units")
            }
            for model in (self.classifier, classifier)
        )
        check_same("the classifier to start from", ours, theirs)
        classifier.set_weights(self.classifier.get_weights())


def load_classifier(preset: str, load: Callable[[str], Any]) -> StartedClassifier:
    """Returns the classifier of a preset.

    Args:
        preset: Its name or folder.
        load: Loads a classifier from a preset.

    Raises:
        ValueError: If the metadata of the preset have no command.
    """
    folder, made = find_start(preset)
    return StartedClassifier(load(str(folder)), made)


def load_start(folder: str, load: Callable[[Path], Any]) -> Start | None:
    """Returns the language models in the folder of a run, `None` without a folder.

    Args:
        folder: Folder of the run.
        load: Loads a language model from a preset's folder.

    Raises:
        FileNotFoundError: If the run is not finished.
    """
    if not folder:
        return None
    run = Path(folder)
    metrics = run / run_folder.METRICS
    if not metrics.is_file() or not (run / BACKWARD).is_dir():
        raise FileNotFoundError(
            "`language_model` must be the folder of a finished run of "
            f"training.train_language_model in both directions. Received: {run}"
        )
    return Start(
        load(run / run_folder.PRESET),
        load(run / BACKWARD),
        json.loads(metrics.read_text(encoding="utf-8"))["command"],
    )
