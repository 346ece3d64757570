"""Captioned images for training: features from the cache, captions as ids of words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.metrics import caption_metrics, caption_variety
from rnnzoo.text import CaptionTokenizer, Vocabulary, split_caption
from training.core import dataset_checks
from training.core.batches import Batches
from training.core.diagnostics import Baseline
from zoo_models.core.inference import compile_function
from zoo_models.image_captioner.preprocessor import teacher_forcing

EDGES = (8, 10, 12, 14, 16, 18, 20, 22, 24)
BATCH = 5_000  # captions tokenised at once
MEASURED = 100  # images captioned at once


@dataclass
class CaptionedImages:
    """What is seen in images, and the captions of each.

    Attributes:
        seen: Views of the images, as they are and mirrored: arrays by the names of
            `ImageCaptioner.decoder_inputs`, all in the order of the images.
        captions: The captions of each image.
    """

    seen: Sequence[dict[str, np.ndarray]]
    captions: list[list[bytes]]

    def take(self, indices: np.ndarray) -> "CaptionedImages":
        """The examples at `indices`."""
        if np.array_equal(indices, np.arange(len(self.captions))):
            return self  # its features stay on disk
        return CaptionedImages(
            [
                {name: values[indices] for name, values in view.items()}
                for view in self.seen
            ],
            [self.captions[i] for i in indices],
        )


def read_captions(builder: Any, split: str, features: Any) -> list[list[bytes]]:
    """The captions of each image of a split.

    Args:
        builder: The TFDS builder.
        split: Name of the split.
        features: What `rnnzoo.datasets.find_captions` returned.

    Raises:
        ValueError: If there is no such split, or an image without captions in it.
    """
    dataset_checks.check_split(builder, split)
    texts = builder.as_dataset(split=split).map(
        lambda example: features.read(example)[1]
    )
    captions = [row.tolist() for row in texts.as_numpy_iterator()]
    dataset_checks.check_captions(captions, f"split {split!r} of {builder.name}")
    return captions


def compute_decoder_inputs(model: Any, features: np.ndarray) -> dict[str, np.ndarray]:
    """Returns a captioner's `decoder_inputs` for the features of many images."""
    if model.class_head is None:
        return {"image_features": features}
    parts: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(features), MEASURED):
        rows = features[start : start + MEASURED].astype("float32")
        for name, values in model.decoder_inputs(rows).items():
            if name != "image_features":
                parts.setdefault(name, []).append(np.asarray(values))
    seen = {name: np.concatenate(some) for name, some in parts.items()}
    return {"image_features": features, **seen}


def count_words(captions: list[list[bytes]]) -> dict[str, int]:
    """How often each word occurs in captions."""
    texts = [text for some in captions for text in some]
    counts: Counter[bytes] = Counter()
    for start in range(0, len(texts), BATCH):
        counts.update(split_caption(texts[start : start + BATCH]).flat_values.numpy())
    return {word.decode(): count for word, count in counts.items()}


def learn_vocabulary(
    counts: dict[str, int], min_count: int, more: Sequence[str] = ()
) -> Vocabulary:
    """The words that occur `min_count` times or more, and after them others."""
    learnt = Vocabulary.from_counts(counts, len(counts) + 4, min_count).tokens[4:]
    return Vocabulary([*learnt, *sorted(set(more) - set(learnt))])


def to_rows(
    captions: list[list[bytes]], tokenizer: CaptionTokenizer
) -> list[np.ndarray]:
    """The ids of the captions of each image, `(time, captions)`, with as many captions
    for all; those that an image lacks are of padding alone."""
    texts = [text for some in captions for text in some]
    ids = [
        row[: np.count_nonzero(row)]
        for start in range(0, len(texts), BATCH)
        for row in tokenizer(texts[start : start + BATCH]).numpy()
    ]
    most = max(len(some) for some in captions)
    rows, last = [], 0
    for some in captions:
        first, last = last, last + len(some)
        row = np.zeros((max(len(r) for r in ids[first:last]), most), "int32")
        for i, words in enumerate(ids[first:last]):
            row[: len(words), i] = words
        rows.append(row)
    return rows


def to_references(
    captions: list[list[bytes]], tokenizer: CaptionTokenizer
) -> list[list[np.ndarray]]:
    """The ids of each caption of each image, with the end and without the start."""
    return [
        [row[1:][row[1:] != 0] for row in rows.T if row.any()]
        for rows in to_rows(captions, tokenizer)
    ]


def to_batches(
    data: CaptionedImages,
    tokenizer: CaptionTokenizer,
    batch_size: int,
    seed: int | None = None,
    with_numbers: bool = False,
    more: CaptionedImages | None = None,
) -> Batches:
    """Batches of images of like length of captions, with all captions of each.

    Args:
        data: The images. If there are several views, chance chooses one for each image
            and epoch.
        tokenizer: Tokenizer of the captions.
        batch_size: Number of images in a batch.
        seed: Seed of the order: see `Batches`.
        with_numbers: Whether the inputs hold the `numbers` of the images too. Default
            `False`.
        more: Captions beside the images, with words but without features. Every second
            example has none, all zero, the others have at each place those of an image
            by chance, so that what is seen makes no sense. Default: none.
    """
    import tensorflow as tf

    images = len(data.captions)
    rows = to_rows([*data.captions, *(more.captions if more else [])], tokenizer)
    # One of each, of nothing.
    blank = {name: np.zeros_like(values[0]) for name, values in data.seen[0].items()}

    def look_up(numbers: np.ndarray, views: np.ndarray) -> list[np.ndarray]:
        """Features stay on disk: those of a batch are read when it comes."""
        found = []
        for number, view in zip(numbers, views, strict=True):
            part, row = data.seen[view], number
            if more is not None and number >= images:
                part, row = more.seen[0], number - images
                if number % 2:
                    seen = mosaic(data.seen[view]["image_features"], number)
                    found.append([part[n][row] if n in part else seen for n in blank])
                    continue
            found.append([part[n][row] if n in part else blank[n] for n in blank])
        return [np.stack(column) for column in zip(*found, strict=True)]

    def transform(batch: Any, seed: Any) -> Any:
        numbers, token_ids = batch
        inputs = {"numbers": numbers} if with_numbers else {}
        views = tf.zeros_like(numbers)
        if len(data.seen) > 1:
            views = tf.random.stateless_uniform(
                tf.shape(numbers), seed, 0, len(data.seen), tf.int32
            )
        types = [tf.as_dtype(values.dtype) for values in blank.values()]
        seen = tf.numpy_function(look_up, [numbers, views], types)
        for (name, values), found in zip(blank.items(), seen, strict=True):
            inputs[name] = tf.ensure_shape(found, [None, *values.shape])
        previous, expected, weights = teacher_forcing(
            tf.transpose(token_ids, (0, 2, 1))
        )
        return {**inputs, "token_ids": previous}, expected, weights

    return Batches(
        (np.arange(len(rows), dtype="int32"), rows),
        batch_size,
        seed,
        lengths=[len(row) for row in rows],
        edges=[edge + 1 for edge in EDGES],
        transform=transform,
    )


def mosaic(features: np.ndarray, seed: int) -> np.ndarray:
    """Features that make no sense together: at each place those of an image by chance.

    Args:
        features: `(images, places, size)`.
        seed: Seed of chance.
    """
    draw = np.random.default_rng(seed)
    places = np.arange(features.shape[1])
    images = draw.integers(len(features), size=len(places))
    return np.stack([features[i, p] for i, p in zip(images, places, strict=True)])


def most_frequent_caption(
    training: list[list[bytes]], test: list[list[bytes]]
) -> Baseline:
    """The CIDEr-D of always giving the most frequent caption of the training images.

    Args:
        training: The captions of each training image.
        test: The captions of each test image.
    """
    counts = Counter(text.strip().lower() for some in training for text in some)
    ((caption, _),) = counts.most_common(1)
    references = [[text.decode() for text in texts] for texts in test]
    metrics = caption_metrics([caption.decode()] * len(test), references)
    return Baseline("the most frequent caption", "cider", metrics["cider"])


def measure(model: Any, data: Any) -> dict[str, float]:
    """The metrics of a captioner's captions, from features."""
    length = model.default_max_length()
    write = compile_function(
        lambda features: model.attention_decoder.search(
            model.sampler,
            model.encode_features(model.decoder_inputs(features)),
            length,
            1,
        ),
        model.encoder.output_shape,
        "float32",
    )
    captions: list[str] = []
    features = data.seen[0]["image_features"]
    for start in range(0, len(features), MEASURED):
        token_ids, _ = write(features[start : start + MEASURED])
        captions += [text.decode() for (text,) in model.detokenize(token_ids).numpy()]
    references = [[text.decode() for text in texts] for texts in data.captions]
    return {**caption_metrics(captions, references), **caption_variety(captions)}
