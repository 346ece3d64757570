"""Raw examples, as users and TFDS have them, made into what Keras trains on."""

from collections.abc import Callable
from typing import Any

import numpy as np


def is_dataset(x: Any) -> bool:
    """Whether `x` is a `tf.data.Dataset`; does not import TensorFlow for it."""
    return any(
        c.__module__.startswith("tensorflow.") for c in type(x).__mro__[:-1]
    ) and (hasattr(x, "element_spec"))


def check_text(raw: Any, name: str) -> bytes:
    """The UTF-8 of a text; `name` is what an error calls it.

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


def to_dataset(
    x: Any,
    y: Any,
    sample_weight: Any,
    batch_size: int | None,
    shuffle: bool,
    prepare: Callable[[Any], Any],
    check_input: Callable[[Any, str], Any],
    check_labels: Callable[[np.ndarray], None],
    rank_of: Callable[[Any], int],
    prepares_singly: bool = False,
) -> Any:
    """Makes a batched `tf.data.Dataset` of what a model takes.

    Args:
        x: Raw inputs: a list or array of them, or a `tf.data.Dataset` of
            `(input, label)` or `(input, label, sample_weight)`, batched or not; for
            prediction of inputs alone.
        y: Labels, `None` with a dataset or for prediction.
        sample_weight: Weight of each example, or `None`.
        batch_size: Number of examples in a batch; default 32. A dataset that is
            batched already keeps its batches.
        shuffle: Whether lists and arrays are shuffled anew in each epoch.
        prepare: Maps a batch of raw inputs to the model's input, in TensorFlow ops.
        check_input: Called with each input that comes in a list, and its name.
        check_labels: Called with labels that come as an array.
        rank_of: Tells the rank of one raw input from an array or spec.
        prepares_singly: Whether `check_input` returns what the model takes.

    Raises:
        ValueError: If the parts do not fit each other.
    """
    import tensorflow as tf

    if is_dataset(x):
        if y is not None or sample_weight is not None:
            raise ValueError(
                "A tf.data.Dataset must hold the labels and weights itself. "
                "Received: a dataset and `y` or `sample_weight`"
            )
        dataset = x
    else:
        if isinstance(x, str | bytes) or not hasattr(x, "__len__"):
            raise TypeError(
                "Inputs must be a list or array of them or a tf.data.Dataset. "
                f"Received: {type(x).__name__}"
            )
        inputs = [check_input(raw, f"x[{i}]") for i, raw in enumerate(x)]
        # NumPy would pad texts to one length and drop zero bytes at their end.
        is_text = any(isinstance(raw, bytes) for raw in inputs)
        parts = [np.array(inputs, object if is_text else None)]
        if y is not None:
            labels = np.asarray(y)
            check_labels(labels)
            parts.append(labels)
            if sample_weight is not None:
                parts.append(np.asarray(sample_weight, "float32"))
        sizes = [len(part) for part in parts]
        if len(set(sizes)) > 1:
            raise ValueError(
                "Inputs, labels and weights must be of one length. Received "
                f"lengths: {sizes}"
            )
        dataset = tf.data.Dataset.from_tensor_slices(tuple(parts))
        if shuffle:
            dataset = dataset.shuffle(max(sizes[0], 1))
    spec = dataset.element_spec
    spec = spec if isinstance(spec, tuple) else (spec,)
    if len(spec) > 3 or any(not hasattr(part, "shape") for part in spec):
        raise ValueError(
            "A dataset must give (input, label) or (input, label, sample_weight), as "
            "tfds.load(..., as_supervised=True) does. Received elements of "
            f"{dataset.element_spec}"
        )
    is_prepared = prepares_singly and not is_dataset(x)
    is_single = not is_dataset(x) or spec[0].shape.rank == rank_of(spec[0])
    if prepares_singly and is_single and not is_prepared:
        # They can be put into one batch only when they are of one shape.
        dataset = dataset.map(
            lambda first, *rest: (prepare(first[None])[0], *rest), num_parallel_calls=2
        )
        is_prepared = True
    if is_single:
        dataset = dataset.batch(batch_size or 32)
    if not is_prepared:
        dataset = dataset.map(
            lambda first, *rest: (prepare(first), *rest), num_parallel_calls=2
        )
    return dataset.prefetch(2)


def split_validation(
    x: Any, y: Any, sample_weight: Any, fraction: float
) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
    """Cuts the last part off lists or arrays, as Keras's `validation_split` does.

    Raises:
        ValueError: If the data are a dataset, or the fraction leaves a part empty.
    """
    if is_dataset(x):
        raise ValueError(
            "`validation_split` needs lists or arrays. Received: a tf.data.Dataset; "
            "split it yourself and pass `validation_data`"
        )
    cut = len(x) - int(len(x) * fraction)
    if not 0 < cut < len(x):
        raise ValueError(
            "`validation_split` must leave examples on both sides. Received: "
            f"{fraction} of {len(x)} examples"
        )
    first = tuple(
        None if part is None else part[:cut] for part in (x, y, sample_weight)
    )
    last = tuple(None if part is None else part[cut:] for part in (x, y, sample_weight))
    return first, last  # type: ignore[return-value]
