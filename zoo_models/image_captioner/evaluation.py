"""How good a captioner's captions are, on a split of a data set."""

from typing import Any

from rnnzoo.datasets import find_captions
from rnnzoo.metrics import caption_metrics, caption_variety

BATCH = 100  # images read at once


def evaluate_captioner(
    model: Any, builder: Any, split: str, settings: dict[str, Any], limit: int | None
) -> list[dict[str, Any]]:
    """Measures a captioner as `evaluate_preset` describes.

    Args:
        model: The captioner.
        builder: The TFDS builder.
        split: Split of the data set.
        settings: What the preset says of its data set.
        limit: Number of examples at most, or `None`.

    Returns:
        A list of one result: what `rnnzoo.metrics.caption_metrics` and
        `caption_variety` tell.

    Raises:
        ValueError: If the split is not there.
    """
    if split not in builder.info.splits:
        raise ValueError(
            f"The split of {builder.name} must be one of {list(builder.info.splits)}. "
            f"Received: {split!r}"
        )
    found = find_captions(builder, settings.get("image"), settings.get("captions"))
    examples = builder.as_dataset(split=split).map(found.read, num_parallel_calls=2)
    examples = examples if limit is None else examples.take(limit)
    captions: list[str] = []
    references: list[list[str]] = []
    images: list[Any] = []
    # A part at a time: a split of images is larger than memory.
    for image, texts in examples.as_numpy_iterator():
        images.append(image)
        references.append([text.decode() for text in texts])
        if len(images) == BATCH:
            captions += model.generate(images, verbose=0)
            images = []
    captions += model.generate(images, verbose=0)
    return [
        {
            "preset": model.preset,
            "dataset": f"{builder.name}:{builder.version}",
            "split": split,
            "num_examples": len(captions),
            "metrics": {
                **caption_metrics(captions, references),
                **caption_variety(captions),
            },
        }
    ]
