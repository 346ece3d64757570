"""Metrics of an `ImageCaptioner`: BLEU, ROUGE-L, CIDEr-D, and variety."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from rnnzoo.datasets import find_captions
from rnnzoo.datasets import read_caption_folder as read_caption_folder
from rnnzoo.metrics import caption_metrics, caption_variety
from zoo_models.core.types import Json, Raw
from zoo_models.image_captioner.model import ImageCaptioner

BATCH = 100  # images read at once


def reader(
    builder: Any, settings: Json, model: ImageCaptioner
) -> Callable[[Json], tuple[Raw, Raw]]:
    """Returns a function from an example to the image and its captions."""
    return find_captions(builder, settings.get("image"), settings.get("captions")).read


def measure(
    model: ImageCaptioner, examples: Iterable[tuple[Raw, Raw]]
) -> dict[str, float]:
    """Returns the metrics of captions: see `rnnzoo.metrics.caption_metrics` and
    `caption_variety`."""
    captions: list[str] = []
    references: list[list[str]] = []
    examples = iter(examples)
    # A part at a time: a split of images is larger than memory.
    while part := list(itertools.islice(examples, BATCH)):
        images, texts = zip(*part, strict=True)
        captions += model.generate(list(images), verbose=0)
        references += [[text.decode() for text in some] for some in texts]
    return {**caption_metrics(captions, references), **caption_variety(captions)}
