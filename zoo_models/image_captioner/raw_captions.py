"""Raw images and their captions, made into what a captioner trains on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from zoo_models.core.raw_data import is_dataset


def to_captioned(
    x: Any,
    y: Any,
    sample_weight: Any,
    batch_size: int | None,
    shuffle: bool,
    preprocessor: Any,
    check_input: Callable[[Any, str], Any],
    rank_of: Callable[[Any], int],
) -> Any:
    """Makes a batched `tf.data.Dataset` of what a captioner takes.

    Args:
        x: Images in a list or array, or a `tf.data.Dataset` of images and captions,
            with or without a weight. The captions of an image are a text or several.
        y: The captions of each image; `None` with a dataset.
        sample_weight: Weight of each image, or `None`.
        batch_size: Number of images in a batch; default 32. A dataset that is batched
            already is batched anew.
        shuffle: Whether lists and arrays are shuffled anew in each epoch.
        preprocessor: The `CaptionPreprocessor`.
        check_input: Called with each image that comes in a list, and its name.
        rank_of: Tells the rank of one raw image from an array or spec.

    Raises:
        ValueError: If the parts do not fit each other.
    """
    import tensorflow as tf

    if is_dataset(x):
        if y is not None or sample_weight is not None:
            raise ValueError(
                "A tf.data.Dataset must hold the captions and weights itself. "
                "Received: a dataset and `y` or `sample_weight`"
            )
        dataset = _check_spec(x)
        if dataset.element_spec[0].shape.rank != rank_of(dataset.element_spec[0]):
            dataset = dataset.unbatch()
        # One by one, for images may be of different sizes.
        dataset = dataset.map(
            lambda image, captions, *rest: (
                preprocessor(image[None])[0],
                tf.reshape(captions, [-1]),
                *rest,
            ),
            num_parallel_calls=2,
        )
    else:
        images = [check_input(raw, f"x[{i}]") for i, raw in enumerate(_as_list(x, "x"))]
        captions = [_texts(raw, f"y[{i}]") for i, raw in enumerate(_as_list(y, "y"))]
        weights = [] if sample_weight is None else [np.asarray(sample_weight, "f4")]
        sizes = [len(images), len(captions), *map(len, weights)]
        if len(set(sizes)) > 1:
            raise ValueError(
                "Images, captions and weights must be of one length. Received "
                f"lengths: {sizes}"
            )
        longest = max((len(texts) for texts in captions), default=1)
        padded = [texts + [b""] * (longest - len(texts)) for texts in captions]
        parts = (np.array(images), np.array(padded, object), *weights)
        dataset = tf.data.Dataset.from_tensor_slices(parts)
        if shuffle:
            dataset = dataset.shuffle(max(sizes[0], 1))

    def prepare(pixels: Any, captions: Any, weight: Any = None) -> Any:
        token_ids, expected, weights = preprocessor.tell(captions)
        if weight is not None:
            weights *= tf.cast(weight, tf.float32)[:, None, None]
        return {"pixels": pixels, "token_ids": token_ids}, expected, weights

    dataset = dataset.padded_batch(batch_size or 32)
    return dataset.map(prepare, num_parallel_calls=2).prefetch(2)


def _check_spec(dataset: Any) -> Any:
    import tensorflow as tf

    spec = dataset.element_spec
    is_pair = isinstance(spec, tuple) and len(spec) in (2, 3)
    if not is_pair or getattr(spec[1], "dtype", None) != tf.string:
        raise ValueError(
            "A dataset must give (image, captions) or (image, captions, weight), as "
            "tfds.load('flickr8k', as_supervised=True) does. Received elements of "
            f"{spec}"
        )
    return dataset


def _as_list(values: Any, name: str) -> list[Any]:
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise TypeError(
            f"`{name}` must be a list or array, of an entry for each image. Received: "
            f"{type(values).__name__}"
        )
    return list(values)


def _texts(captions: Any, name: str) -> list[bytes]:
    """The captions of an image in UTF-8."""
    texts = [captions] if isinstance(captions, str | bytes) else captions
    if not isinstance(texts, list | tuple | np.ndarray) or not all(
        isinstance(text, str | bytes) for text in texts
    ):
        raise TypeError(
            "The captions of an image must be a text or a list of texts. Received: "
            f"{name} is {captions!r}"
        )
    return [
        text.encode("utf-8", errors="replace") if isinstance(text, str) else text
        for text in texts
    ]
