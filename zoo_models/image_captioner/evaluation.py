"""Metrics of an `ImageCaptioner`: BLEU, ROUGE-L, CIDEr-D, and variety."""

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rnnzoo.datasets import find_captions, read_caption_folder
from rnnzoo.metrics import caption_metrics, caption_variety
from zoo_models.core.types import Json
from zoo_models.image_captioner.model import ImageCaptioner

BATCH = 100  # images read at once


def reader(
    builder: Any, settings: Json, model: ImageCaptioner
) -> Callable[[Any], tuple[Any, Any]]:
    """A function from an example of a data set to the image and its captions.

    Args:
        builder: The TFDS builder.
        settings: Names of the features `image` and `captions`, where needed.
        model: The captioner.
    """
    return find_captions(builder, settings.get("image"), settings.get("captions")).read


def read_folder(folder: str | Path, split: str) -> Iterable[tuple[Any, Any]]:
    """Images of a user's own and their captions: see
    `rnnzoo.datasets.read_caption_folder`."""
    return read_caption_folder(folder, split)


def measure(
    model: ImageCaptioner, examples: Iterable[tuple[Any, Any]]
) -> dict[str, float]:
    """The metrics of a captioner on images and the captions of each: see
    `rnnzoo.metrics.caption_metrics` and `caption_variety`."""
    captions: list[str] = []
    references: list[list[str]] = []
    examples = iter(examples)
    # A part at a time: a split of images is larger than memory.
    while part := list(itertools.islice(examples, BATCH)):
        images, texts = zip(*part, strict=True)
        captions += model.generate(list(images), verbose=0)
        references += [[text.decode() for text in some] for some in texts]
    return {**caption_metrics(captions, references), **caption_variety(captions)}
