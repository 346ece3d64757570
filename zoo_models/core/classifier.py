"""The base of classifiers: labels, probabilities and their training."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from zoo_models.core.confidence import Confidence
from zoo_models.core.inference import Verbose
from zoo_models.core.raw_data import is_dataset
from zoo_models.core.types import Nest, Raw, RawInputs, Targets, Tensor, TFTensor
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
        outputs: Keras output: probabilities of shape `(batch, num_classes)`.
        labels: Names of the classes.
        confidence: See `ZooModel`.
        pool: Function from the output of the layer `features`, `(batch, size)`, to the
            pooled states whose distance is a signal.
        preprocessor: See `ZooModel`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.
    """

    verb: ClassVar[Literal["classify", "generate"]] = "classify"
    answer_name = "probabilities"
    metric = "accuracy"

    def __init__(
        self,
        inputs: Nest,
        outputs: Nest,
        labels: list[str],
        confidence: Confidence,
        pool: Callable[[Any], Any],
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        super().__init__(inputs, outputs, confidence, preprocessor, **kwargs)
        self.labels = labels
        self._untracked.pool = pool
        features = self.get_layer("features").output
        self._untracked.network = keras.Model(inputs, [features, outputs])

    def default_loss(self) -> keras.losses.Loss:
        return keras.losses.SparseCategoricalCrossentropy()

    def default_metrics(self) -> list[keras.metrics.Metric]:
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    def check_targets(self, targets: Targets) -> np.ndarray:
        labels = np.asarray(targets)
        if labels.dtype.kind in "SUO" and labels.ndim == 1:
            labels = self._to_numbers(labels)
        num_classes = len(self.labels)
        is_integer = np.issubdtype(labels.dtype, np.integer)
        if labels.ndim != 1 or not is_integer:
            raise ValueError(
                "Labels must be a list of integers, or of names, one for each input. "
                "Received: "
                f"an array of {labels.dtype} of shape {labels.shape}"
            )
        wrong = labels[(labels < 0) | (labels >= num_classes)]
        if wrong.size:
            raise ValueError(
                f"Labels must be from 0 to {num_classes - 1}, for {self.labels}. "
                f"Received: {wrong[0]}"
            )
        return labels

    def _to_numbers(self, names: np.ndarray) -> np.ndarray:
        """Returns the numbers of labels given by name."""
        numbers = {name: number for number, name in enumerate(self.labels)}
        texts = [n.decode() if isinstance(n, bytes) else n for n in names.tolist()]
        unknown = [text for text in texts if text not in numbers]
        if unknown:
            raise ValueError(
                f"Labels must be numbers or names of {self.labels}. Received: "
                f"{unknown[0]!r}"
            )
        return np.array([numbers[text] for text in texts], "int64")

    def to_dataset(
        self, data: Any, batch_size: int | None = None, shuffle: bool = False
    ) -> Any:
        """Prepares data as other models do; labels of a dataset may be names too."""
        if is_dataset(data) or is_dataset(data[0]):
            dataset = data if is_dataset(data) else data[0]
            spec = dataset.element_spec
            label = spec[1] if isinstance(spec, tuple) and len(spec) > 1 else None
            if getattr(label, "dtype", None) == "string":
                dataset = dataset.map(self._number_labels)
                data = dataset if is_dataset(data) else (dataset, *data[1:])
        return super().to_dataset(data, batch_size, shuffle)

    def _number_labels(self, inputs: Any, names: Any, *weight: Any) -> Any:
        import tensorflow as tf

        is_it = tf.equal(names[..., None], tf.constant(self.labels))
        message = f"Labels must be names of {self.labels}. Received:"
        check = tf.debugging.Assert(
            tf.reduce_all(tf.reduce_any(is_it, axis=-1)), [message, names]
        )
        with tf.control_dependencies([check]):
            numbers = tf.argmax(tf.cast(is_it, tf.int32), axis=-1)
        return (inputs, numbers, *weight)

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
            for out-of-distribution inputs. Below 0.5 there is also a `doubt`, the
            reason in words. Without a calibration (see `calibrate`) the confidence is
            the probability of the best label, and there is no `doubt`.

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
        probabilities, signals = self.inference.run(self.forward, inputs)
        return list(zip(probabilities, signals, strict=True))

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Returns probabilities, `(batch, num_classes)`, and the values of the signals,
        `(batch, signals, 2)`, for the network's input, in `keras.ops`."""
        features, probabilities = self._untracked.network(inputs, training=False)
        pooled = self._untracked.pool(features)
        return probabilities, self.confidence.measure(inputs, probabilities, pooled)

    def postprocess(
        self, rows: Sequence[tuple[np.ndarray, np.ndarray]], top: int | None = None
    ) -> list[Any]:
        """Returns the answers of `classify` for probabilities and signals."""
        probabilities, signals = (np.stack(part) for part in zip(*rows, strict=True))
        labels = self._best_labels(probabilities, 1 if top is None else top)
        fields = self.confidence.fields(signals, probabilities.max(axis=1))
        answers = [
            [{**answer, **more} for answer in best]
            for best, more in zip(labels, fields, strict=True)
        ]
        return answers if top is not None else [best for (best,) in answers]

    def measure_batch(self, batch: list[Raw]) -> list[np.ndarray]:
        return [signals for _, signals in self._forward_batch(batch)]

    def pool_states(self, inputs: Tensor) -> Tensor:
        features, _ = self._untracked.network(inputs, training=False)
        return self._untracked.pool(features)

    def features(self, inputs: Tensor) -> Tensor:
        """Returns the output of the layer `features` for the network's input."""
        features, _ = self._untracked.network(inputs, training=False)
        return features

    def decode_predictions(
        self, predictions: Any, top: int = 5
    ) -> list[list[dict[str, Any]]]:
        """Returns the best labels for the output of `predict`.

        Args:
            predictions: Probabilities of shape `(batch, num_classes)`.
            top: Largest number of labels for each row. Positive. Default 5.

        Returns:
            A list for each row, of `{"label", "score"}`, the best first.

        Raises:
            ValueError: If the shape does not fit or `top` is not positive.
        """
        predictions = np.asarray(predictions)
        if predictions.ndim != 2 or predictions.shape[1] != len(self.labels):
            raise ValueError(
                f"Predictions must have shape (batch, {len(self.labels)}). "
                f"Received: shape {predictions.shape}"
            )
        check_positive("top", top)
        return self._best_labels(predictions, top)

    def _best_labels(
        self, predictions: np.ndarray, top: int
    ) -> list[list[dict[str, Any]]]:
        order = np.argsort(-predictions, axis=1, kind="stable")[:, :top]
        return [
            [{"label": self.labels[i], "score": float(row[i])} for i in best]
            for row, best in zip(predictions, order, strict=True)
        ]

    def answer(self, raw: TFTensor) -> dict[str, TFTensor]:
        """Labels a batch of raw inputs in TensorFlow ops.

        Returns:
            `label`, its probability `score` and the `confidence`, of shape `(batch,)`,
            and the `probabilities`, `(batch, num_classes)`.
        """
        import tensorflow as tf

        probabilities, signals = self.forward(self.preprocessor(raw))
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
