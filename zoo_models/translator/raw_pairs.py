"""Raw pairs of texts, made into what a translator trains on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from zoo_models.core.raw_data import is_dataset


def to_pairs(
    x: Any,
    y: Any,
    sample_weight: Any,
    batch_size: int | None,
    shuffle: bool,
    tokenizer: Any,
    check_input: Callable[[Any, str], Any],
) -> Any:
    """Makes a batched `tf.data.Dataset` of what a translator takes.

    Args:
        x: Texts in a list or array, or a `tf.data.Dataset` of pairs of texts, with or
            without a weight, batched or not.
        y: Their translations; `None` with a dataset.
        sample_weight: Weight of each pair, or `None`.
        batch_size: Number of pairs in a batch; default 32. A dataset that is batched
            already keeps its batches.
        shuffle: Whether lists and arrays are shuffled anew in each epoch.
        tokenizer: The `PairTokenizer`.
        check_input: Called with each text that comes in a list, and its name.

    Raises:
        ValueError: If the parts do not fit each other.
    """
    import tensorflow as tf

    if is_dataset(x):
        if y is not None or sample_weight is not None:
            raise ValueError(
                "A tf.data.Dataset must hold the translations and weights itself. "
                "Received: a dataset and `y` or `sample_weight`"
            )
        dataset = x
    else:
        parts = [_texts(x, "x", check_input), _texts(y, "y", check_input)]
        if sample_weight is not None:
            parts.append(np.asarray(sample_weight, "float32"))
        sizes = [len(part) for part in parts]
        if len(set(sizes)) > 1:
            raise ValueError(
                "Texts, translations and weights must be of one length. Received "
                f"lengths: {sizes}"
            )
        dataset = tf.data.Dataset.from_tensor_slices(tuple(parts))
        if shuffle:
            dataset = dataset.shuffle(max(sizes[0], 1))
    spec = dataset.element_spec
    is_pair = isinstance(spec, tuple) and len(spec) in (2, 3)
    if not is_pair or any(getattr(s, "dtype", None) != tf.string for s in spec[:2]):
        raise ValueError(
            "A dataset must give (text, translation) or (text, translation, weight), "
            "as tfds.load(..., as_supervised=True) does. Received elements of "
            f"{spec}"
        )
    if spec[0].shape.rank == 0:
        dataset = dataset.batch(batch_size or 32)

    def prepare(sources, targets, weight=None):
        inputs, expected, weights = tokenizer.pair(sources, targets)
        if weight is not None:
            weights *= tf.cast(weight, tf.float32)[:, None]
        return inputs, expected, weights

    return dataset.map(prepare, num_parallel_calls=2).prefetch(2)


def _texts(texts: Any, name: str, check_input: Callable[[Any, str], Any]) -> Any:
    if isinstance(texts, str | bytes) or not hasattr(texts, "__len__"):
        raise TypeError(
            f"`{name}` must be a list or array of texts, or x a tf.data.Dataset of "
            f"pairs. Received: {type(texts).__name__}"
        )
    checked = [check_input(text, f"{name}[{i}]") for i, text in enumerate(texts)]
    return np.array(checked, object)
