"""Small SavedModels of every kind that a server must know."""

from pathlib import Path
from typing import Any


def write_all(base: Path) -> None:
    """Writes `words`, `numbers`, `mixed` and `image`, version 1 of each."""
    write_words(base)
    write_numbers(base)
    write_mixed(base)
    write_image(base)


def write_words(base: Path, version: int = 1) -> Path:
    """Texts to a label, which is the text and the version, and a score."""
    import tensorflow as tf

    module = tf.Module()
    module.version = tf.Variable(version)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def answer(text: Any) -> dict[str, Any]:
        label = tf.strings.join([text, tf.as_string(module.version)], "@")
        score = tf.fill(tf.shape(text), 0.75)
        return {
            "label": label,
            "score": score,
            "probabilities": tf.stack([1 - score, score], axis=1),
        }

    return _save(module, base / "words" / str(version), {"serving_default": answer})


def write_numbers(base: Path) -> Path:
    """Rows of two floats to their double, a single output; and what is left of 1 / x.

    `total` adds up the rows, so that its answer does not go row by row although its
    shape says so.
    """
    import tensorflow as tf

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def double(x: Any) -> dict[str, Any]:
        return {"y": 2.0 * x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def inverse(x: Any) -> dict[str, Any]:
        return {"y": 1.0 / x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def total(x: Any) -> dict[str, Any]:
        return {"y": tf.boolean_mask(x, x > tf.reduce_mean(x))}

    signatures = {"serving_default": double, "inverse": inverse, "total": total}
    return _save(module, base / "numbers" / "1", signatures)


def write_mixed(base: Path) -> Path:
    """An integer and three booleans a row to a text, bytes and an integer."""
    import tensorflow as tf

    module = tf.Module()

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int32, name="number"),
            tf.TensorSpec([None, 3], tf.bool, name="flags"),
        ]
    )
    def answer(number: Any, flags: Any) -> dict[str, Any]:
        return {
            "text": tf.as_string(number),
            "text_bytes": tf.as_string(number),
            "count": tf.reduce_sum(tf.cast(flags, tf.int64), axis=1) + 2**40,
        }

    return _save(module, base / "mixed" / "1", {"serving_default": answer})


def write_image(base: Path) -> Path:
    """Image files to their mean, decoded as the zoo's models do."""
    import tensorflow as tf

    from rnnzoo.images import decode_image, to_pixels

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def answer(image_bytes: Any) -> dict[str, Any]:
        means = tf.map_fn(
            lambda data: tf.reduce_mean(to_pixels(decode_image(data), 1)),
            image_bytes,
            fn_output_signature=tf.float32,
        )
        return {"mean": means}

    return _save(module, base / "image" / "1", {"serving_default": answer})


def _save(module: Any, folder: Path, signatures: dict[str, Any]) -> Path:
    import tensorflow as tf

    tf.saved_model.save(module, str(folder), signatures)
    return folder
