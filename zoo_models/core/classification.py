"""Measures of classifiers: their answers beside the true classes."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo.datasets import find_feature
from zoo_models.core.types import Json, Raw

if TYPE_CHECKING:
    from zoo_models.core.classifier import Classifier

# Labels that TFDS abbreviates.
LABEL_NAMES = {"neg": "negative", "pos": "positive"}


def reader(
    builder: Any, settings: Json, model: "Classifier"
) -> Callable[[Json], tuple[Raw, int]]:
    """Returns a function from an example of a data set to the input and its label.

    Args:
        builder: The TFDS builder.
        settings: Names of the features, by kind, where there are several of a kind.
        model: The classifier.

    Raises:
        ValueError: If there are no such features, or other classes than the model's.
    """
    kind = model.input_kind
    feature = find_feature(builder, kind, settings.get(kind))
    label = find_feature(builder, "label", settings.get("label"))
    names = [LABEL_NAMES.get(n, n) for n in builder.info.features[label].names]
    if names != model.labels:
        raise ValueError(
            f"The data set must have the model's classes, {model.labels}. Received: "
            f"{names} in {builder.name}"
        )
    return lambda example: (example[feature], example[label])


def measure(model: "Classifier", examples: Iterable[tuple[Raw, int]]) -> dict[str, Any]:
    """Returns the `accuracy`, from 0 to 1, on inputs and their labels."""
    labels, answers, _ = classify(model, examples)
    return {"accuracy": float(np.mean(labels == answers))}


def classify(
    model: "Classifier", examples: Iterable[tuple[Raw, int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the true classes and the predicted ones, as numbers, and the scores."""
    inputs, labels = zip(*examples, strict=True)
    truth = model.check_targets(labels)
    numbers = {name: i for i, name in enumerate(model.labels)}
    answers = model.classify(list(inputs))
    return (
        truth,
        np.array([numbers[answer["label"]] for answer in answers], int),
        np.array([answer["score"] for answer in answers]),
    )


def count_confusions(
    model: "Classifier", examples: Iterable[tuple[Raw, int]]
) -> np.ndarray:
    """Returns the confusion matrix, `(num_classes, num_classes)`: true classes in rows,
    predicted ones in columns."""
    matrix = np.zeros((len(model.labels), len(model.labels)), int)
    labels, answers, _ = classify(model, examples)
    np.add.at(matrix, (labels, answers), 1)
    return matrix
