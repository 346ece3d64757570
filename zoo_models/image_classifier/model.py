"""One to one: an image in, its label out."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.images import ImagePreprocessor, check_image_shape
from rnnzoo.layers.initializers import Orthogonal
from zoo_models.core.classifier import Classifier, check_label_names
from zoo_models.core.confidence import OTHER_IMAGES, Confidence, Measured, Signal
from zoo_models.core.types import Json, Tensor
from zoo_models.image_classifier.preprocessor import ImageClassifierPreprocessor

READINGS = ("whole", "rows")

DRAWN = 0.1  # darkness at which a pixel counts as drawn
DARKEST = 1e-3  # added to brightness before the logarithm


def _margin(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the log ratio of the best two probabilities."""
    best, second = ops.unstack(ops.top_k(measured.outputs, 2)[0], axis=1)
    return ops.log(best + 1e-6) - ops.log(second + 1e-6), 1.0


def _is_blank(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures whether there is no ink."""
    return ops.max(measured.inputs, axis=(1, 2, 3)) <= 0.0, 1.0


def _ink(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the mean darkness."""
    return ops.mean(ops.max(measured.inputs, axis=-1), axis=(1, 2)), 1.0


def _height(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the share of the rows with ink."""
    rows = ops.max(ops.max(measured.inputs, axis=-1), axis=2) > DRAWN
    return ops.mean(ops.cast(rows, "float32"), axis=1), 1.0


def _border(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the logarithm of the mean brightness along the four sides."""
    images = measured.inputs
    sides = images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]
    return ops.log(sum(ops.mean(side, (1, 2)) for side in sides) / 4 + DARKEST), 1.0


def _roughness(measured: Measured) -> tuple[Tensor, Tensor]:
    """Measures the logarithm of the mean difference of neighbouring pixels."""
    images = measured.inputs
    size = math.prod(images.shape[1:])
    down = ops.sum(ops.abs(images[:, 1:] - images[:, :-1]), (1, 2, 3))
    right = ops.sum(ops.abs(images[:, :, 1:] - images[:, :, :-1]), (1, 2, 3))
    return ops.log((down + right) / (2 * size) + DARKEST), 1.0


MARGIN = Signal("margin", _margin, "no label stands out", 0.1, "low")
INK_SIGNALS = (
    Signal("nothing", _is_blank, "there is no ink on it", 0.5, "high"),
    Signal("ink", _ink, "there is more or less ink than in a sign", 0.01, "both"),
    Signal(
        "height", _height, "the ink is wider than high: several signs?", 0.05, "low"
    ),
    MARGIN,
)
OBJECT_SIGNALS = (
    Signal(
        "border", _border, "its border is not as in the images it learnt", 0.05, "both"
    ),
    Signal(
        "roughness", _roughness, "it is smoother or rougher than those", 0.05, "both"
    ),
    OTHER_IMAGES,
    MARGIN,
)


@keras.saving.register_keras_serializable(package="rnnzoo")
class ImageClassifier(Classifier):
    """Labels an image with stacked Elman cells, which read it at once or row by row.

    With `read="whole"` the image is a sequence of one step: from the zero state each
    layer computes `S = activation(W_l · X + b)`. With `read="rows"` each step is a row,
    and each layer reads downwards and upwards. The states of all steps feed a softmax
    layer, so every path from a pixel to the label passes an Elman state.

    Args:
        image_shape: `(height, width, channels)` of the network's input, with 1 channel
            (grey) or 3 (RGB). Images of other sizes are resized.
        num_classes: Number of classes. Default: that of the labels.
        read: `"whole"` or `"rows"`. Default `"whole"`.
        labels: Names of the classes, in the order of their numbers. Default:
            `"0"`, `"1"` and so on.
        units: Number of units of each layer, from the first on; with `"rows"` in each
            direction. Default `(128, 128)`.
        activation: Activation of the cells. Default `"relu"`.
        dropout: Dropout rate of the states after each layer. Default 0.1.
        is_ink: Whether images are handwriting, to be centred, scaled and deslanted
            whatever the colours of ink and paper: see `rnnzoo.images.center_ink`.
            Default `False`.
        preprocessor: `"auto"` is an `rnnzoo.images.ImagePreprocessor`
            with the settings above; `None` to feed its output: float32 arrays of shape
            `(batch, *image_shape)` from 0 to 1. Default `"auto"`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raw inputs are paths, the bytes of image files, or arrays of shape
    `(height, width)` or `(height, width, c)` where `c` is 1, 3 or 4: see
    `rnnzoo.images.read_image`. An array of rank 3 is one image if its last axis is 1,
    3 or 4 long, else many grey ones.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    ```python
    import numpy as np
    from rnnzoo import ImageClassifier

    classifier = ImageClassifier((8, 8, 1), labels=["dark", "bright"], units=[4])
    images = np.stack([np.full((9, 7), b, "uint8") for b in (20, 230)] * 8)
    classifier.fit(images, [0, 1] * 8, epochs=1, verbose=0)
    assert classifier.classify(images[0])["label"] in ("dark", "bright")
    ```

    References:
        - Elman, "Finding Structure in Time", Cognitive Science 14 (1990).
        - Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural
          Networks Applied to Visual Document Analysis", 2003: one hidden layer and
          elastic distortions.
    """

    task = "label of an image (one to one)"
    input_kind = "image"
    preprocessor_class = ImageClassifierPreprocessor

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        num_classes: int | None = None,
        read: str = "whole",
        labels: Sequence[str] | None = None,
        units: int | Sequence[int] = (128, 128),
        activation: Any = "relu",
        dropout: float = 0.1,
        is_ink: bool = False,
        preprocessor: Any = "auto",
        **kwargs: Any,
    ):
        image_shape = check_image_shape(image_shape)
        names = _check_classes(num_classes, labels)
        sizes = [units] if isinstance(units, int) else list(units)
        if read not in READINGS:
            raise ValueError(f"`read` must be one of {READINGS}. Received: {read!r}")
        if not sizes:
            raise ValueError("`units` must name one layer or more. Received: none")
        if isinstance(preprocessor, str):
            preprocessor = ImagePreprocessor(image_shape, is_ink=is_ink)
        preprocessor = ImageClassifierPreprocessor.adopt(
            preprocessor, image_shape=image_shape
        )

        # === Layers ===
        by_rows = read == "rows"
        num_steps = image_shape[0] if by_rows else 1
        to_steps = keras.layers.Reshape(
            (num_steps, math.prod(image_shape) // num_steps), name="steps"
        )
        layers = [
            self.recurrent_layer(
                size,
                activation,
                kernel_initializer="he_normal",
                # A radius under 1 keeps states of relu from growing or vanishing.
                recurrent_initializer=Orthogonal(0.7) if by_rows else "zeros",
                return_sequences=True,
                name=f"elman_{i + 1}",
            )
            for i, size in enumerate(sizes)
        ]
        readers = layers
        if by_rows:
            readers = [
                keras.layers.Bidirectional(layer, name=f"states_{i + 1}")
                for i, layer in enumerate(layers)
            ]
        drops = [keras.layers.Dropout(dropout) for _ in layers]
        flatten = keras.layers.Flatten("channels_last", name="features")
        # Probabilities stay in float32 under mixed precision.
        head = keras.layers.Dense(
            len(names), activation="softmax", dtype="float32", name="head"
        )

        # === Graph ===
        pixels = keras.Input(image_shape, dtype="float32", name="pixels")
        states = to_steps(pixels)  # (batch, steps, size)
        for reader, drop in zip(readers, drops, strict=True):
            states = drop(reader(states))
        probabilities = head(flatten(states))
        confidence = Confidence(INK_SIGNALS if is_ink else OBJECT_SIGNALS)
        super().__init__(
            pixels, states, probabilities, names, confidence, preprocessor, **kwargs
        )
        if not by_rows:
            for layer in layers:
                layer.cell.recurrent_kernel.trainable = False

        self.keep_config(
            image_shape=image_shape,
            read=read,
            labels=names,
            units=sizes,
            activation=keras.activations.serialize(keras.activations.get(activation)),
            dropout=dropout,
            is_ink=is_ink,
        )

    def summarize(self, states: np.ndarray) -> np.ndarray:
        return states.reshape(-1)

    def endpoints(self) -> Json:
        import tensorflow as tf

        channels = self.image_shape[2]
        images = tf.TensorSpec([None, None, None, channels], tf.float32, name="images")
        return {**super().endpoints(), "serve_images": (self.answer, [images])}


def _check_classes(num_classes: int | None, labels: Sequence[str] | None) -> list[str]:
    if labels is None and num_classes is None:
        raise ValueError("`num_classes` or `labels` is needed. Received: neither")
    if labels is None:
        count = check_positive("num_classes", num_classes, minimum=2)
        return [str(i) for i in range(count)]
    names = check_label_names(labels)
    if num_classes not in (None, len(names)):
        raise ValueError(
            "`num_classes` must be the number of labels. Received: "
            f"num_classes={num_classes} and {len(names)} labels"
        )
    return names
