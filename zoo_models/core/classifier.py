"""The base of models that label: labels, scores and the training of them."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.layers.elman_scan import forward_only
from zoo_models.core.confident_model import ConfidentModel
from zoo_models.core.inference import compile_function, compute
from zoo_models.core.raw_data import is_dataset


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


class Classifier(ConfidentModel):
    """A model that gives each input one of several labels.

    Args:
        inputs: Keras input of the network.
        outputs: Keras output: probabilities of shape `(batch, num_classes)`.
        labels: Names of the classes.
        preprocessor: See `ZooModel`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        labels: list[str],
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        super().__init__(inputs, outputs, preprocessor, **kwargs)
        self.labels = labels

    def default_loss(self) -> Any:
        return keras.losses.SparseCategoricalCrossentropy()

    def default_metrics(self) -> list[Any]:
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    def check_targets(self, targets: Any) -> np.ndarray:
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
        """The numbers of labels given by name."""
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
        """As for all models; labels of a dataset may be names, too."""
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

    def classify(
        self,
        inputs: Any,
        top: int | None = None,
        batch_size: int = 64,
        verbose: Any = "auto",
    ) -> Any:
        """Labels inputs.

        Args:
            inputs: One raw input, a list or array of them, or a `tf.data.Dataset`
                of raw examples; arrays without a preprocessor.
            top: How many labels to give for an input. Default: the best alone.
            batch_size: Number of inputs at once. Default 64.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1
                always, 0 never.

        Returns:
            `{"label": …, "score": …, "confidence": …}`, where the score is the
            label's probability, and the confidence says how far the input lies from
            what the model knows, both from 0 to 1; with `top` a list of them, the best
            first. A list of these unless a single input came. Under a confidence of 0.5
            there is a `doubt`, too: the reason in words. Without a calibration (see
            `calibrate`) the confidence is the probability of the best label, which
            says nothing of foreign inputs, and nothing is doubted.

        Raises:
            TypeError: If an input is of a type that cannot be read.
        """
        rows, is_single = compute(self, inputs, "answer", batch_size, verbose)
        if not rows:
            return []
        probabilities, values = (np.stack(part) for part in zip(*rows, strict=True))
        best = self.decode_predictions(probabilities, 1 if top is None else top)
        added = self.sure(values, probabilities.max(axis=1))
        answers: list[Any] = [
            [{**answer, **more} for answer in labels]
            for labels, more in zip(best, added, strict=True)
        ]
        if top is None:
            answers = [answer for (answer,) in answers]
        return answers[0] if is_single else answers

    def measure(self, inputs: Any, batch_size: int, verbose: Any) -> np.ndarray:
        rows, _ = compute(self, inputs, "answer", batch_size, verbose)
        return np.stack([values for _, values in rows])

    # What a subclass may change

    def pool(self, features: Any) -> Any:
        """What of the features the distance of states is measured in."""
        return features

    def signal_values(self, inputs: Any, features: Any, probabilities: Any) -> Any:
        """Values of the signals: see `zoo_models.core.confidence.stack_signals`.

        Args:
            inputs: What the network took.
            features: The output of its layer `features`.
            probabilities: Its output.
        """
        raise NotImplementedError

    # In a graph

    def inspect(self, inputs: Any) -> tuple[Any, Any]:
        """The probabilities of a batch of prepared inputs, `(batch, num_classes)`, and
        the values of the signals, `(batch, signals, 2)`, in `keras.ops`."""
        features, probabilities = self._inspector()(inputs, training=False)
        return probabilities, self.signal_values(inputs, features, probabilities)

    def _inspector(self) -> keras.Model:
        outputs = [self.get_layer("features").output, self.outputs[0]]
        return keras.Model(self.inputs[0], outputs)

    def build_function(self, output: Any) -> Callable[..., Any]:
        if output not in ("answer", "pooled"):
            return super().build_function(output)
        inspector = self._inspector()

        def run(inputs: Any) -> Any:
            with forward_only():
                features, probabilities = inspector(inputs, training=False)
            if output == "pooled":
                return self.pool(features)
            return probabilities, self.signal_values(inputs, features, probabilities)

        (tensor,) = self.inputs
        compiled = compile_function(
            run,
            tensor.shape,
            tensor.dtype,
            inspector.variables,
            eager=self.run_eagerly,
        )
        prepare = self.build_preparation()
        if output == "pooled":
            return lambda batch: compiled(prepare(batch))
        return lambda batch: [*zip(*compiled(prepare(batch)), strict=True)]

    def decode_predictions(self, predictions: Any, top: int = 5) -> list[Any]:
        """Names the best labels in what `predict` gives.

        Args:
            predictions: Probabilities of shape `(batch, num_classes)`.
            top: How many labels to give at most. Positive. Default 5.

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
        order = np.argsort(-predictions, axis=1, kind="stable")[:, :top]
        return [
            [{"label": self.labels[i], "score": float(row[i])} for i in best]
            for row, best in zip(predictions, order, strict=True)
        ]

    def answer(self, raw: Any) -> dict[str, Any]:
        """Answers a batch of raw inputs in a TensorFlow graph.

        Returns:
            `label`, of shape `(batch,)`; its probability `score` and the
            `confidence`, of shape `(batch,)`; and `probabilities`, of shape
            `(batch, num_classes)`.
        """
        import tensorflow as tf

        probabilities, values = self.inspect(self.preprocessor(raw))
        return {
            "label": tf.gather(
                tf.constant(self.labels), tf.argmax(probabilities, axis=1)
            ),
            "score": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
            "confidence": self.confidence_of(values, ops.max(probabilities, axis=1)),
        }
