"""The base of classifiers: labels, probabilities and their training."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.text import PAD_ID
from zoo_models.core.confidence import Confidence, mean_state
from zoo_models.core.inference import Verbose
from zoo_models.core.types import Raw, RawInputs, Targets, Tensor, TFTensor
from zoo_models.core.zoo_model import ZooModel


def check_label_names(labels: Sequence[str]) -> list[str]:
    """Returns the names of the classes as a list, or raises `ValueError`."""
    names = list(labels)
    is_text = all(isinstance(name, str) for name in names)
    if isinstance(labels, str) or not is_text or len(set(names)) != len(names) > 0:
        raise ValueError(
            f"`labels` must be different names of classes. Received: {labels!r}"
        )
    if len(names) < 2:
        raise ValueError(f"`labels` must be two or more. Received: {names}")
    return names


class Classifier(ZooModel):
    """A model that predicts one of several labels.

    `classify` has three passes: `preprocess`, `forward` and `postprocess`.

    Args:
        inputs: Keras input of the network.
        states: Keras tensor of the states that are pooled, `(batch, time, size)`.
        outputs: Keras output: probabilities of shape `(batch, num_classes)`.
        labels: Names of the classes.
        confidence: See `ZooModel`.
        preprocessor: See `ZooModel`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.
    """

    verb: ClassVar[Literal["classify", "generate"]] = "classify"
    answer_name = "probabilities"
    metric = "accuracy"

    def __init__(
        self,
        inputs: Tensor,
        states: Tensor,
        outputs: Tensor,
        labels: list[str],
        confidence: Confidence,
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        super().__init__(inputs, outputs, confidence, preprocessor, **kwargs)
        self.labels = labels
        self._untracked.network = keras.Model(inputs, [states, outputs])

    def default_loss(self) -> keras.losses.Loss:
        return keras.losses.SparseCategoricalCrossentropy()

    def default_metrics(self) -> list[keras.metrics.Metric]:
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    def check_targets(self, targets: Targets) -> np.ndarray:
        labels = np.asarray(targets)
        num_classes = len(self.labels)
        is_integer = np.issubdtype(labels.dtype, np.integer)
        if labels.ndim != 1 or not is_integer:
            raise ValueError(
                "Labels must be a list of integers, one for each input. Received: "
                f"an array of {labels.dtype} of shape {labels.shape}"
            )
        wrong = labels[(labels < 0) | (labels >= num_classes)]
        if wrong.size:
            raise ValueError(
                f"Labels must be from 0 to {num_classes - 1}, for {self.labels}. "
                f"Received: {wrong[0]}"
            )
        return labels

    # Answers

    def classify(
        self,
        inputs: RawInputs,
        top: int | None = None,
        batch_size: int = 64,
        verbose: Verbose = "auto",
    ) -> Any:
        """Labels inputs.

        Args:
            inputs: One raw input, a list or array of them, or a `tf.data.Dataset`
                of raw examples; arrays without a preprocessor.
            top: Number of labels for each input. Default: the best alone.
            batch_size: Number of inputs in a batch. Default 64.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1
                always, 0 never.

        Returns:
            `{"label": …, "score": …, "confidence": …}` for each input, in a list unless
            `inputs` is a single input. With `top` it is a list of them, the best first.
            The score is the label's probability. The confidence, from 0 to 1, is low
            for out-of-distribution inputs. Below 0.5 there is also a `warning`, the
            reason in words. Without a calibration (see `calibrate`) the confidence is
            the probability of the best label, and there is no `warning`.

        Raises:
            TypeError: If an input is of a type that cannot be read.
        """
        if top is not None:
            check_positive("top", top)
        rows, is_single = self.inference.answer(
            self._forward_batch, inputs, batch_size, verbose
        )
        answers = self.postprocess(rows, top) if rows else []
        return answers[0] if is_single else answers

    def _forward_batch(self, batch: list[Raw]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns probabilities and signals for each checked input."""
        inputs = self.inference.preprocess(batch)
        probabilities, signals = self.inference.run(self.forward_pass, inputs)
        return list(zip(probabilities, signals, strict=True))

    def forward_pass(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Returns probabilities, `(batch, num_classes)`, and the values of the signals,
        `(batch, signals, 2)`, for the network's input, in `keras.ops`."""
        states, probabilities = self._untracked.network(inputs, training=False)
        pooled = mean_state(states, self.mask(inputs, states))
        return probabilities, self.confidence.measure(inputs, probabilities, pooled)

    def postprocess(
        self, rows: Sequence[tuple[np.ndarray, np.ndarray]], top: int | None = None
    ) -> list[Any]:
        """Returns the answers of `classify` for probabilities and signals."""
        probabilities, signals = (np.stack(part) for part in zip(*rows, strict=True))
        fields = self.confidence.fields(signals, probabilities.max(axis=1))
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, : top or 1]
        answers = [
            [{"label": self.labels[i], "score": float(row[i]), **more} for i in best]
            for row, best, more in zip(probabilities, order, fields, strict=True)
        ]
        return answers if top is not None else [best for (best,) in answers]

    def measure_batch(self, batch: list[Raw]) -> list[np.ndarray]:
        return [signals for _, signals in self._forward_batch(batch)]

    def encode_states(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        states, _ = self._untracked.network(inputs, training=False)
        return states, self.mask(inputs, states)

    def mask(self, inputs: Tensor, states: Tensor) -> Tensor:
        """Returns the steps that count, `(batch, time)`: of a text all but padding."""
        if self.input_kind == "text":
            return ops.not_equal(inputs, PAD_ID)
        return ops.ones_like(states[..., 0], dtype="bool")

    def answer(self, raw: TFTensor) -> dict[str, TFTensor]:
        """Returns `label`, its probability `score` and the `confidence`, `(batch,)`,
        and the `probabilities`, `(batch, num_classes)`, for raw inputs, in TensorFlow
        ops."""
        import tensorflow as tf

        probabilities, signals = self.forward_pass(self.preprocessor(raw))
        return {
            "label": tf.gather(
                tf.constant(self.labels), tf.argmax(probabilities, axis=1)
            ),
            "score": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
            "confidence": self.confidence.of(
                signals, ops.max(probabilities, axis=1), ops
            ),
        }
