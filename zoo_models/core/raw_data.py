"""Raw examples as users and TFDS have them: what they are, and cutting them in two."""

from typing import Any


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
