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

    number = tf.Variable(version)

    def answer(text: Any) -> dict[str, Any]:
        label = tf.strings.join([text, tf.as_string(number)], "@")
        score = tf.fill(tf.shape(text), 0.75)
        probabilities = tf.stack([1 - score, score], axis=1)
        return {"label": label, "score": score, "probabilities": probabilities}

    inputs = {"text": ([None], "string")}
    folder = base / "words" / str(version)
    return _save(folder, {"serving_default": (answer, inputs)}, number)


def write_numbers(base: Path) -> Path:
    """Rows of two floats to their double, a single output; and what is left of 1 / x.

    `total` adds up the rows, so that its answer does not go row by row although its
    shape says so.
    """
    import tensorflow as tf

    def total(x: Any) -> dict[str, Any]:
        return {"y": tf.boolean_mask(x, x > tf.reduce_mean(x))}

    one = {"x": ([None], "float32")}
    signatures = {
        "serving_default": (lambda x: {"y": 2.0 * x}, {"x": ([None, 2], "float32")}),
        "inverse": (lambda x: {"y": 1.0 / x}, one),
        "total": (total, one),
    }
    return _save(base / "numbers" / "1", signatures)


def write_mixed(base: Path) -> Path:
    """An integer and three booleans a row to a text, bytes and an integer."""
    import tensorflow as tf

    def answer(number: Any, flags: Any) -> dict[str, Any]:
        return {
            "text": tf.as_string(number),
            "text_bytes": tf.as_string(number),
            "count": tf.reduce_sum(tf.cast(flags, tf.int64), axis=1) + 2**40,
        }

    inputs = {"number": ([None], "int32"), "flags": ([None, 3], "bool")}
    return _save(base / "mixed" / "1", {"serving_default": (answer, inputs)})


def write_image(base: Path) -> Path:
    """Image files to their mean, decoded as the zoo's models do."""
    import tensorflow as tf

    from rnnzoo.images import decode_image, to_pixels

    def answer(image_bytes: Any) -> dict[str, Any]:
        means = tf.map_fn(
            lambda data: tf.reduce_mean(to_pixels(decode_image(data), 1)),
            image_bytes,
            fn_output_signature=tf.float32,
        )
        return {"mean": means}

    inputs = {"image_bytes": ([None], "string")}
    return _save(base / "image" / "1", {"serving_default": (answer, inputs)})


def _save(folder: Path, signatures: dict[str, Any], variable: Any = None) -> Path:
    """Saves functions, each with the shape and type of its inputs by name."""
    import tensorflow as tf

    module = tf.Module()
    module.variable = variable
    functions = {
        key: tf.function(
            function,
            input_signature=[tf.TensorSpec(*x, name) for name, x in inputs.items()],
        )
        for key, (function, inputs) in signatures.items()
    }
    tf.saved_model.save(module, str(folder), functions)
    return folder
