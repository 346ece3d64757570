"""The contract of preprocessors: raw inputs to what a network takes, and back."""

import abc
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from zoo_models.core.raw_data import is_dataset


class Preprocessor(abc.ABC):
    """Turns raw inputs into a network's, in training and in serving alike.

    A model has one implementation, in the `preprocessor.py` of its folder.

    Call arguments:
        batch: Raw inputs, a tensor of shape `(batch, …)`.

    Returns:
        The network's input for them, in TensorFlow ops.

    Attributes:
        input_name: Name of the raw inputs in a SavedModel.
        example: What an example is called in errors: its input and its target.
        prepares_singly: Whether `check` returns what the network takes, so that raw
            inputs of a list may differ in shape.
        pads_targets: Whether examples of a batch may have targets of different
            lengths, which are padded.
        needs_targets: Whether the network takes the targets too.
        learns_from_inputs: Whether inputs alone are enough to learn from.
    """

    input_name: ClassVar[str] = "text"
    example: ClassVar[tuple[str, str]] = ("input", "label")
    prepares_singly: ClassVar[bool] = False
    pads_targets: ClassVar[bool] = False
    needs_targets: ClassVar[bool] = False
    learns_from_inputs: ClassVar[bool] = False

    @classmethod
    def adopt(cls, preprocessor: Any) -> Any:
        """The preprocessor for what a user gave, which may be a part of it.

        Raises:
            TypeError: If it is neither.
        """
        if not isinstance(preprocessor, cls):
            raise TypeError(
                f"The preprocessor must be a {cls.__name__}. Received: "
                f"{type(preprocessor).__name__}"
            )
        return preprocessor

    # Inputs

    @abc.abstractmethod
    def check(self, raw: Any, name: str) -> Any:
        """Returns one raw input as it is fed, or raises an error that names it."""

    def rank(self, inputs: Any) -> int:
        """The rank of one raw input, told from an array of one or many, or from the
        spec of a dataset: 0 for a text."""
        return 0

    @abc.abstractmethod
    def __call__(self, batch: Any) -> Any: ...

    # Examples to learn from

    def check_targets(self, targets: Any) -> np.ndarray:
        """Returns targets that came in a list as an array, or raises an error."""
        return np.asarray(targets)

    def teach(self, inputs: Any, *targets: Any) -> Any:
        """A batch as `fit` takes it, in TensorFlow ops: of the network's inputs,
        targets if there are any, and weights of the examples if there are any."""
        return (inputs, *targets)

    def to_dataset(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        shuffle: bool = False,
        check_targets: Callable[[Any], np.ndarray] | None = None,
    ) -> Any:
        """Makes a batched `tf.data.Dataset` of what a network takes.

        Args:
            x: Raw inputs in a list or array, or a `tf.data.Dataset` of inputs and
                targets, with or without a weight, batched or not; for prediction of
                inputs alone.
            y: Targets, such as labels; `None` with a dataset or for prediction.
            sample_weight: Weight of each example, or `None`.
            batch_size: Number of examples in a batch. Default 32. A dataset that is
                batched already keeps its batches, unless targets are padded.
            shuffle: Whether lists and arrays are shuffled anew in each epoch.
            check_targets: Called with targets that come in a list, instead of the
                method of that name.

        Raises:
            TypeError: If a part is of a type that cannot be read.
            ValueError: If the parts do not fit each other.
        """
        import tensorflow as tf

        is_listed = not is_dataset(x)
        if is_listed:
            parts = self._listed(x, y, sample_weight, check_targets)
            dataset = tf.data.Dataset.from_tensor_slices(parts)
            if shuffle:
                dataset = dataset.shuffle(max(len(parts[0]), 1))
        elif y is None and sample_weight is None:
            dataset = x
        else:
            raise ValueError(
                f"A tf.data.Dataset must hold the {self.example[1]}s and weights "
                "itself. Received: a dataset and `y` or `sample_weight`"
            )
        first, *_ = self._check_spec(dataset.element_spec)
        is_single = is_listed or first.shape.rank == self.rank(first)
        is_prepared = self.prepares_singly and is_listed
        if is_single or self.pads_targets:
            dataset = dataset if is_single else dataset.unbatch()
            if self.prepares_singly and not is_prepared:
                # They can be put into one batch only when they are of one shape.
                dataset = dataset.map(self._prepare_one, num_parallel_calls=2)
                is_prepared = True
            batch = dataset.padded_batch if self.pads_targets else dataset.batch
            dataset = batch(batch_size or 32)

        def prepare(inputs: Any, *targets: Any) -> Any:
            return self.teach(inputs if is_prepared else self(inputs), *targets)

        return dataset.map(prepare, num_parallel_calls=2).prefetch(2)

    def _prepare_one(self, raw: Any, *targets: Any) -> Any:
        import tensorflow as tf

        if self.pads_targets:
            targets = (tf.reshape(targets[0], [-1]), *targets[1:])
        return (self(raw[None])[0], *targets)

    def _listed(
        self, x: Any, y: Any, sample_weight: Any, check_targets: Any
    ) -> tuple[np.ndarray, ...]:
        """The parts of examples in lists, as arrays of one length."""
        kinds = [f"{kind}s" for kind in self.example]
        inputs = [self.check(raw, f"x[{i}]") for i, raw in enumerate(as_rows(x, "x"))]
        # NumPy would pad texts to one length and drop zero bytes at their end.
        parts = [np.array(inputs, None if self.prepares_singly else object)]
        if self.learns_from_inputs and y is None and sample_weight is not None:
            y = np.zeros(len(inputs), "int32")  # weights come third
        if y is not None:
            parts.append((check_targets or self.check_targets)(y))
            if sample_weight is not None:
                parts.append(np.asarray(sample_weight, "float32"))
        elif self.needs_targets:
            raise TypeError(
                f"`y` must be a list or array of {kinds[1]}, one for each of the "
                f"{kinds[0]} in x. Received: NoneType"
            )
        sizes = [len(part) for part in parts]
        if len(set(sizes)) > 1:
            raise ValueError(
                f"{kinds[0].capitalize()}, {kinds[1]} and weights must be of one "
                f"length. Received lengths: {sizes}"
            )
        return tuple(parts)

    def _check_spec(self, spec: Any) -> tuple[Any, ...]:
        """The specs of the parts of an example, or a `ValueError`."""
        parts = spec if isinstance(spec, tuple) else (spec,)
        least = 2 if self.needs_targets else 1
        is_of_texts = not self.needs_targets or (
            len(parts) > 1 and getattr(parts[1], "dtype", None) == "string"
        )
        is_known = all(hasattr(part, "shape") for part in parts)
        if self.needs_targets and not self.prepares_singly:
            kind = getattr(parts[0], "dtype", None)
            is_of_texts = is_of_texts and kind == "string"
        if not least <= len(parts) <= 3 or not is_known or not is_of_texts:
            first, second = self.example
            alone = f"{first}s alone, " if self.learns_from_inputs else ""
            raise ValueError(
                f"A dataset must give {alone}({first}, {second}) or ({first}, "
                f"{second}, sample_weight), as tfds.load(..., as_supervised=True) "
                f"does. Received elements of {spec}"
            )
        return parts

    # Files

    @classmethod
    @abc.abstractmethod
    def load(cls, folder: Path, settings: Any, arguments: dict[str, Any]) -> Self:
        """The preprocessor that `save` wrote.

        Args:
            folder: Folder of the preset.
            settings: What `save` returned.
            arguments: Those that the model is built with.
        """

    @abc.abstractmethod
    def save(self, folder: Path) -> dict[str, Any]:
        """Writes files, such as vocabularies, and returns settings for JSON."""

    # Serving

    def spec(self) -> Any:
        """The `tf.TensorSpec` of a batch of raw inputs in a SavedModel."""
        import tensorflow as tf

        return tf.TensorSpec([None], tf.string, name=self.input_name)

    def resources(self) -> list[Any]:
        """The lookup tables that a SavedModel has to keep."""
        return []


class GenerationPreprocessor(Preprocessor):
    """The preprocessor of a model that writes: it makes texts of ids, too.

    Attributes:
        max_length: Ids of a text at most, the end included.
    """

    needs_targets = True
    max_length: int

    def source_names(self, token_ids: Any) -> list[str]:
        """The names of the ids that a text was read as; images have none."""
        raise NotImplementedError

    @abc.abstractmethod
    def detokenize(self, token_ids: Any) -> Any:
        """Texts, `(batch,)`, for ids, `(batch, time)`, in TensorFlow ops."""


def pad_for_backend(token_ids: Any, multiple: int) -> Any:
    """Pads ids, `(batch, time, …)`, with 0 to a multiple of steps on JAX, which
    compiles for each length: few lengths, few compilations."""
    import keras

    if keras.backend.backend() != "jax":
        return token_ids
    import tensorflow as tf

    padding = -tf.shape(token_ids)[1] % multiple
    rest = [[0, 0]] * (token_ids.shape.rank - 2)
    return tf.pad(token_ids, [[0, 0], [0, padding], *rest])


def as_rows(values: Any, name: str) -> Any:
    """Returns a list or array as it is; raises `TypeError` for anything else."""
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise TypeError(
            f"`{name}` must be a list or array with an entry for each example, or x a "
            f"tf.data.Dataset. Received: {type(values).__name__}"
        )
    return values
