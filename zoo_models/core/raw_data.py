"""Raw examples: datasets, and the validation split of lists."""

from typing import Any


def is_dataset(x: Any) -> bool:
    """Returns whether `x` is a `tf.data.Dataset`, without importing TensorFlow."""
    return any(
        c.__module__.startswith("tensorflow.") for c in type(x).__mro__[:-1]
    ) and (hasattr(x, "element_spec"))


def check_tokens(model: Any) -> None:
    """Raises `ValueError` unless a model can name the tokens of its inputs."""
    if model.preprocessor is None or model.input_kind != "text":
        raise ValueError(
            "`return_tokens` needs a model that reads texts, with its preprocessor. "
            f"Received: a {type(model).__name__} of {model.input_kind}s, "
            f"preprocessor={model.preprocessor}"
        )


def split_validation(
    x: Any, y: Any, sample_weight: Any, fraction: float
) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
    """Splits lists or arrays into training and validation data, their last part.

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
