"""The targets of the classifier: the label, and at each word the evidence."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from training.core.batches import Batches

# Lengths that texts of a batch are padded to: little padding, and few shapes.
EDGES = (16, 32, 64, 96, 128, 160, 200, 260, 330)


def add_evidence(classifier: Any) -> keras.Model:
    """Returns the network of a classifier with a second output, the evidence of the
    phrases that end at a word and of those that begin there, predicted from the states
    of each direction.

    Outputs: probabilities, `(batch, classes)`, and evidence, `(batch, time, 2)`. The
    layers that predict evidence do not belong to the classifier.
    """
    states = classifier.get_layer("states").output
    units = classifier.units
    halves = [
        keras.layers.Dense(1, name=f"evidence_{name}")(half)
        for name, half in (
            ("forward", states[:, :, :units]),
            ("backward", states[:, :, units:]),
        )
    ]
    evidence = ops.concatenate(halves, axis=-1)
    outputs = [classifier.outputs[0], evidence]
    return keras.Model(classifier.inputs[0], outputs, name="evidence")


class LabelAndEvidence(keras.losses.Loss):
    """Cross-entropy of the labels, and squared error of the evidence.

    Args:
        weight: Of the squared error, for a word on average.

    Call arguments:
        y_true: `label`, probabilities of shape `(batch, classes)`, and `evidence`,
            `(batch, time, 3)`: forwards, backwards, and 1 where it is known.
        y_pred: The outputs of the network of `add_evidence`.
    """

    def __init__(self, weight: float):
        super().__init__(name="label_and_evidence", reduction=None)
        self.weight = weight

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        probabilities, evidence = y_pred
        entropy = keras.losses.categorical_crossentropy(y_true["label"], probabilities)
        known = y_true["evidence"][..., 2:]
        errors = known * ops.square(evidence - y_true["evidence"][..., :2])
        total = ops.maximum(ops.sum(known), 1.0)
        return ops.mean(entropy) + self.weight * ops.sum(errors) / (2 * total)


class LabelAccuracy(keras.metrics.CategoricalAccuracy):
    """The accuracy of the labels."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().update_state(y_true["label"], y_pred[0])


def to_batches(
    rows: Sequence[np.ndarray],
    targets: np.ndarray,
    evidence: Sequence[np.ndarray | None],
    max_length: int,
    batch_size: int,
    seed: int | None = None,
) -> Batches:
    """Batches of ids, and of what `LabelAndEvidence` takes, of like length.

    Args:
        rows: Ids of each text, without padding.
        targets: Probabilities of the labels, `(texts, classes)`.
        evidence: For each text an array of shape `(time, 2)`, or `None` if nothing is
            known.
        max_length: Length of the longest row there can be.
        batch_size: Number of texts in a batch.
        seed: Seed of the order: see `Batches`.
    """
    steps = []
    for row, known in zip(rows, evidence, strict=True):
        step = np.zeros((len(row), 3), "float32")
        if known is not None:
            step[:, :2], step[:, 2] = known, 1
        steps.append(step)
    edges = [length for length in EDGES if length < max_length]
    wanted = {"label": targets.astype("float32"), "evidence": steps}
    lengths = [len(row) for row in rows]
    return Batches(
        (list(rows), wanted), batch_size, seed, lengths, [*edges, max_length]
    )
