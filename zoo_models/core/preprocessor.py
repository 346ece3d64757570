"""The base of preprocessors: raw inputs to arrays, and ids to texts."""

import abc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from rnnzoo.images import ImagePreprocessor, image_rank
from rnnzoo.text import Vocabulary
from zoo_models.core.types import Dataset, Json, Raw, RawInputs, Targets, TFTensor

VOCABULARY_FILE = "vocabulary.txt"


class Preprocessor(abc.ABC):
    """Turns raw inputs into arrays for a network, in training and in serving alike.

    A model has one implementation, in the `preprocessor.py` of its folder. Unless it
    overrides them, the inputs are texts that its `tokenizer` maps to ids of its
    `vocabulary`.

    Call arguments:
        batch: Raw inputs, a tensor of shape `(batch, …)`.

    Returns:
        The network's first input, in TensorFlow ops.

    Attributes:
        part: Class that a model takes instead, as the only argument.
        input_name: Name of the raw inputs in a SavedModel.
        example: Names of an input and of its target in error messages.
        length_multiple: On JAX texts are padded to a multiple of so many steps. JAX
            compiles for each length, so that few lengths save compilations.
        prepares_singly: Whether `check` returns an array for the network, so that the
            raw inputs in a list may differ in shape.
        pads_targets: Whether the targets in a batch may differ in length and are
            padded.
        needs_targets: Whether the network takes the targets too.
        learns_from_inputs: Whether `fit` needs no targets.
        tokenizer: Function from texts, `(batch,)`, to ids, `(batch, time)`.
        detokenize: For generators, the function from ids to texts, in TensorFlow ops.
        vocabulary: The words and their ids.
        max_length: Largest number of ids of a text, the end token included.
    """

    part: ClassVar[Any] = None
    input_name: ClassVar[str] = "text"
    example: ClassVar[tuple[str, str]] = ("input", "label")
    length_multiple: ClassVar[int] = 16
    prepares_singly: ClassVar[bool] = False
    pads_targets: ClassVar[bool] = False
    needs_targets: ClassVar[bool] = False
    learns_from_inputs: ClassVar[bool] = False
    tokenizer: Callable[[TFTensor], TFTensor]
    detokenize: Callable[[TFTensor], TFTensor]
    vocabulary: Vocabulary
    max_length: int

    @classmethod
    def adopt(cls, preprocessor: Any, **sizes: Any) -> Self | None:
        """Returns the preprocessor for an argument of a model.

        Args:
            preprocessor: A preprocessor, its `part`, or `None`.
            **sizes: The sizes of the model, by name. Default: not checked.

        Raises:
            TypeError: If it is of another type.
            ValueError: If it has other sizes.
        """
        if preprocessor is None:
            return None
        if cls.part is not None and isinstance(preprocessor, cls.part):
            preprocessor = cls(preprocessor)  # type: ignore[call-arg]
        if not isinstance(preprocessor, cls):
            raise TypeError(
                f"The preprocessor must be a {(cls.part or cls).__name__}. Received: "
                f"{type(preprocessor).__name__}"
            )
        if sizes and sizes != preprocessor.sizes():
            raise ValueError(
                f"The preprocessor must have the sizes of the model, {sizes}. "
                f"Received: {preprocessor.sizes()}"
            )
        return preprocessor

    def sizes(self) -> Json:
        """Returns the arguments of the model that follow from the preprocessor."""
        return {"vocabulary_size": len(self.vocabulary)}

    # Inputs

    def check(self, raw: Raw, name: str) -> Any:
        """Returns one raw input as the call takes it; `name` is for the error message.

        Raises:
            TypeError: If the input is of another type.
        """
        return check_text(raw, name)

    def rank(self, inputs: RawInputs) -> int:
        """Returns the rank of one raw input, for an array of one or many inputs or the
        spec of a dataset: 0 for a text."""
        return 0

    def __call__(self, batch: TFTensor) -> TFTensor:
        import keras

        token_ids = self.tokenizer(batch)
        if keras.backend.backend() != "jax":
            return token_ids
        import tensorflow as tf

        padding = -tf.shape(token_ids)[1] % self.length_multiple
        return tf.pad(token_ids, [[0, 0], [0, padding]])

    # Examples to learn from

    def check_targets(self, targets: Targets) -> np.ndarray:
        """Returns a list of targets as an array, or raises an error."""
        return np.asarray(targets)

    def to_training(self, inputs: TFTensor, *targets: TFTensor) -> tuple[TFTensor, ...]:
        """Returns a batch for `fit`, in TensorFlow ops: the network's inputs, then the
        targets and the weights of the examples, if there are any."""
        return (inputs, *targets)

    def to_dataset(
        self,
        x: RawInputs,
        y: Targets = None,
        sample_weight: Targets = None,
        batch_size: int | None = None,
        shuffle: bool = False,
        check_targets: Callable[[Any], np.ndarray] | None = None,
    ) -> Dataset:
        """Returns a batched `tf.data.Dataset` of examples for a network.

        Args:
            x: Raw inputs in a list or array, or a `tf.data.Dataset` of inputs and
                targets, with or without a weight, batched or not; for prediction of
                inputs alone.
            y: Targets, such as labels; `None` with a dataset or for prediction.
            sample_weight: Weight of each example, or `None`.
            batch_size: Number of examples in a batch. Default 32. A dataset that is
                batched already keeps its batches, unless targets are padded.
            shuffle: Whether lists and arrays are shuffled anew in each epoch.
            check_targets: Function for a list of targets that replaces the method of
                that name.

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

        def prepare(inputs: TFTensor, *targets: TFTensor) -> tuple[TFTensor, ...]:
            return self.to_training(inputs if is_prepared else self(inputs), *targets)

        return dataset.map(prepare, num_parallel_calls=2).prefetch(2)

    def _prepare_one(self, raw: Raw, *targets: TFTensor) -> TFTensor:
        import tensorflow as tf

        if self.pads_targets:
            targets = (tf.reshape(targets[0], [-1]), *targets[1:])
        return (self(raw[None])[0], *targets)

    def _listed(
        self, x: RawInputs, y: Targets, sample_weight: Targets, check_targets: Any
    ) -> tuple[np.ndarray, ...]:
        """Returns the parts of examples in lists as arrays of one length."""
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
        """Returns the specs of the parts of an example, or raises `ValueError`."""
        parts = spec if isinstance(spec, tuple) else (spec,)
        types = [getattr(part, "dtype", None) for part in parts]
        texts = types[self.prepares_singly : 2] if self.needs_targets else []
        is_of_texts = all(kind == "string" for kind in texts)
        least = 2 if self.needs_targets else 1
        if not least <= len(parts) <= 3 or None in types or not is_of_texts:
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
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        """Returns the preprocessor of a preset, from the settings that `save` returned
        and the arguments of the model."""

    def save(self, folder: Path) -> Json:
        """Writes files, such as vocabularies, and returns settings for JSON."""
        self.vocabulary.save(folder / VOCABULARY_FILE)
        return {"max_length": self.max_length}

    # Serving

    def spec(self) -> Any:
        """Returns the `tf.TensorSpec` of a batch of raw inputs in a SavedModel."""
        import tensorflow as tf

        return tf.TensorSpec([None], tf.string, name=self.input_name)

    def resources(self) -> list[Any]:
        """Returns the lookup tables of a SavedModel."""
        return [self.vocabulary.table]


class ImageInputs(Preprocessor):
    """The preprocessor of a model that takes images.

    Attributes:
        images: Maps images to pixels.
    """

    input_name = "image_bytes"
    prepares_singly = True
    images: ImagePreprocessor

    def check(self, raw: Raw, name: str) -> np.ndarray:
        return self.images.read(raw, name)

    def rank(self, inputs: RawInputs) -> int:
        return image_rank(inputs)

    def __call__(self, batch: TFTensor) -> TFTensor:
        return self.images(batch)

    def resources(self) -> list[Any]:
        return []


def check_text(raw: Raw, name: str) -> bytes:
    """Returns the UTF-8 of a text, whose `name` is for the error message.

    Raises:
        TypeError: If it is neither a str nor bytes.
    """
    if isinstance(raw, str):
        return raw.encode("utf-8", errors="replace")
    if isinstance(raw, bytes):
        return raw
    raise TypeError(
        f"A text must be a str or bytes in UTF-8. Received: {name} is of type "
        f"{type(raw).__name__}"
    )


def as_rows(values: Targets, name: str) -> Sequence[Raw]:
    """Returns a list or array as it is; raises `TypeError` for anything else."""
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise TypeError(
            f"`{name}` must be a list or array with an entry for each example, or x a "
            f"tf.data.Dataset. Received: {type(values).__name__}"
        )
    return values


def is_dataset(x: object) -> bool:
    """Returns whether `x` is a `tf.data.Dataset`, without importing TensorFlow."""
    modules = [kind.__module__ for kind in type(x).__mro__]
    is_tensorflow = any(module.startswith("tensorflow.") for module in modules)
    return is_tensorflow and hasattr(x, "element_spec")
