"""Trains `ImageCaptioner` on a TFDS set of images and their captions.

    python -m training.convert_image_encoder --output build/lite0.weights.h5
    python -m training.train_captioner --workdir runs/captioner

is the simplest: it writes the words of captions alone. What the image encoder sees is
computed once and kept on disk. Each batch has all captions of its images, so that a
grid is projected once for all of them. First the network learns from the captions that
people wrote, with dropout and smoothed targets (Szegedy et al., 2016); then from its
own, scored with CIDEr-D (Rennie et al., 2017; see `training.core.self_critical`). What
is kept is the moving average of the weights at the epoch with the best CIDEr-D of
greedy captions on validation.

With `--num-words 8` it can write words that Flickr8k hardly has: those that the
encoder's classifier sees, which a pointer copies (see `CopyingDecoder`). Other
captions teach it to write of such words, without their images, and plain sentences.
Crops of the images, true captions beside its own and words that can only be copied
meanwhile keep it from learning the training images by heart. `captioner_flickr8k_en`:

    python -m training.convert_image_encoder --variant lite2 \\
        --output build/lite2.weights.h5
    python -m training.train_captioner --encoder lite2 --image-size 260 \\
        --encoder-weights build/lite2.weights.h5 --memory-dim 320 --num-words 8 \\
        --more-captions multi30k/en_de --more-limit 12500 --plain-sentences 1500 \\
        --crops 2 --epochs 15 --critical-imitation 0.05 --critical-variety 0.5 \\
        --critical-hidden-words 0.3 --critical-kept 0.15

It took 70 minutes on one thread of a busy machine, and features 26 before it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from rnnzoo.checks import check_positive, check_rate
from training.core import run_folder
from training.core.config import TrainingConfig, program
from training.core.script import run_script
from training.core.training_run import TrainingRun, open_run
from zoo_models.core.presets import sha256_of


@dataclass
class Config(TrainingConfig):
    """Settings of a run."""

    script = "training.train_captioner"
    smoke_settings: ClassVar[dict[str, Any]] = {
        "image_size": 34,
        "embedding_dim": 8,
        "memory_dim": 6,
        "attention_dim": 5,
        "units": 7,
        "max_length": 8,
        "min_count": 1,
        "num_words": 2,
        "encoder_weights": None,
        "feature_dir": None,
        "more_captions": "",
        "precision": "float32",
    }

    workdir: Path = Path("runs/captioner")
    dataset: str = "flickr8k"
    """TFDS data set of images with captions."""
    image: str | None = None
    """Name of the feature with the image. Default: the only one."""
    captions: str | None = None
    """Name of the feature with the captions. Default: the only one."""
    train_split: str = "train"
    validation_split: str = "validation"
    test_split: str = "test"
    more_captions: str = ""
    """Set of sentences that describe images, such as multi30k/en_de, learnt without
    these. Those that are like a held-out caption are left out."""
    plain_sentences: int = 3_000
    """Sentences, in fives, that say what is there and no more: see
    `training.image_captioner.plain`. They go with --more-captions."""
    more_text: str = "en"
    """Name of the feature with the sentences."""
    more_limit: int | None = None
    """Use at most so many of them. Default: all."""
    encoder: Literal["lite0", "lite1", "lite2"] = "lite0"
    """Variant of EfficientNet-Lite. The next two weigh 1.5 and 2.9 MB more."""
    encoder_weights: Path | None = Path("build/lite0.weights.h5")
    """What training.convert_image_encoder wrote; without them it sees at random."""
    image_size: int = 224
    """Side of the images; the grid has 32 pixels to a side of a place."""
    feature_dir: Path | None = Path("build/features")
    """Folder that keeps features. Without one the run's folder keeps them."""
    crops: int = 0
    """Views of a part of each image, beside those."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Half precision is faster by far where the processor multiplies in it."""
    epochs: int = 14
    """Passes over the images with the captions that people wrote."""
    critical_epochs: int = 4
    """Passes with captions of its own, after those."""
    batch_size: int = 32
    """Images in a batch, each with all its captions: 187 steps in an epoch."""
    learning_rate: float = 1.3e-3
    """Highest rate, reached after the warm-up; a cosine leads down to zero."""
    critical_learning_rate: float = 2e-4
    """Highest rate while it learns from captions of its own."""
    critical_samples: int = 5
    """Captions of its own that are drawn for each image."""
    critical_ema_momentum: float = 0.99
    """Of the moving average while it learns from captions of its own."""
    critical_imitation: float = 0.0
    """Weight of the captions that people wrote, beside its own."""
    critical_kept: float = 0.0
    """Part of the weights before it that is kept, in the mean of those and the last."""
    critical_hidden_words: float = 0.0
    """Part of the classifier's words that it can only copy meanwhile."""
    critical_variety: float = 0.0
    """How much a caption is worth less for what it is worth to other images."""
    warmup_steps: int = 200
    beta_2: float = 0.98
    ema_momentum: float | None = 0.998
    min_count: int = 5
    """Rarer words are unknown."""
    max_length: int = 22
    """Words of a caption at most, the end included: 99 of 100 are shorter."""
    embedding_dim: int = 256
    memory_dim: int = 512
    """Size of a place of the grid."""
    attention_dim: int = 256
    """Size in which states and places are compared."""
    units: int = 512
    num_words: int = 0
    """Words of the encoder's classifier that can be copied, such as 8; 0 for none."""
    hidden_words: float = 0.3
    """Part of them that are hidden, so that it learns to copy what it does not know."""
    rare_below: int = 20
    """Words of the classifier that occur less often are only copied."""
    word_dropout: float = 0.02
    """Part of the words that each caption forgets."""
    dropout: float = 0.3
    label_smoothing: float = 0.1

    def check(self) -> None:
        super().check()
        check_positive("critical_samples", self.critical_samples, minimum=2)
        check_rate("critical_kept", self.critical_kept)
        check_rate("critical_hidden_words", self.critical_hidden_words)
        for name in ("critical_imitation", "critical_variety", "crops"):
            if getattr(self, name) < 0:
                raise ValueError(
                    f"`{name}` must not be negative. Received: {getattr(self, name)}"
                )
        if self.more_limit is not None:
            check_positive("more_limit", self.more_limit, minimum=5)  # a group
        if self.critical_hidden_words and not self.num_words:
            raise ValueError(
                "Words are hidden where they can be copied: give --num-words too. "
                f"Received: --critical-hidden-words {self.critical_hidden_words}"
            )
        if self.more_captions and not self.num_words:
            raise ValueError(
                "Captions without images teach words that are copied: give --num-words "
                f"too. Received: --more-captions {self.more_captions}"
            )
        path = None if self.smoke else self.encoder_weights
        if path is not None and not path.is_file():
            raise FileNotFoundError(
                f"There is no file {path}. Make it with "
                f"{program('training.convert_image_encoder')} "
                f"--variant {self.encoder} --output {path}"
            )


def train(config: Config) -> dict[str, Any]:
    """Trains, measures and writes the run folder; returns the metrics."""
    with open_run(config) as run:
        return _train(run)


def _train(run: TrainingRun[Config]) -> dict[str, Any]:
    from rnnzoo.datasets import find_captions
    from rnnzoo.images import ImagePreprocessor
    from rnnzoo.text import CaptionTokenizer
    from training.cards.card import write_card
    from training.core.cells import with_cell
    from training.core.holdout import choose_validation
    from training.image_captioner.data import (
        CaptionedImages,
        count_words,
        learn_vocabulary,
        measure,
        most_frequent_caption,
        read_captions,
        see_all,
    )
    from training.image_captioner.plain import write_plainly
    from training.image_captioner.self_critical import self_criticise
    from training.image_captioner.texts import group_texts, read_texts
    from zoo_models.image_captioner.class_words import (
        all_forms,
        make_class_words,
        read_class_words,
    )
    from zoo_models.image_captioner.model import ImageCaptioner
    from zoo_models.image_captioner.preprocessor import (
        INTERPOLATION,
        CaptionPreprocessor,
    )

    config = run.config
    features = find_captions(run.builder, config.image, config.captions)
    splits = config.train_split, config.validation_split, config.test_split
    captions = {s: read_captions(run.builder, s, features) for s in splits}
    chosen = np.arange(len(captions[config.train_split]))
    if config.limit_train is not None:
        order = np.random.default_rng(config.seed).permutation(len(chosen))
        chosen = order[: config.limit_train]
    counts = count_words([captions[config.train_split][i] for i in chosen])
    forms = [form for pair in all_forms(read_class_words()) for form in pair if form]
    vocabulary = learn_vocabulary(
        counts, config.min_count, forms if config.num_words else ()
    )
    size = config.image_size
    model = with_cell(ImageCaptioner, config.cell)(
        len(vocabulary),
        config.encoder,
        config.image_size,
        config.embedding_dim,
        config.memory_dim,
        config.attention_dim,
        config.units,
        config.word_dropout,
        config.dropout,
        make_class_words(vocabulary, counts, config.rare_below)
        if config.num_words
        else None,
        config.num_words,
        config.hidden_words,
        preprocessor=CaptionPreprocessor(
            ImagePreprocessor((size, size, 3), INTERPOLATION),
            CaptionTokenizer(vocabulary, config.max_length),
        ),
    )
    data = {
        split: CaptionedImages(
            [see_all(model, view) for view in views], captions[split]
        )
        for split, views in _read_features(run, splits, model, features).items()
    }
    training, validation, test = (data[split] for split in splits)
    training = training.take(chosen)
    validation = validation.take(
        choose_validation(len(validation.captions), len(training.captions))
    )

    model.compile(sampler="greedy")
    decoder = model.decoder()
    more = None
    if config.more_captions and model.class_words is not None:
        held_out = [t for s in splits[1:] for some in captions[s] for t in some]
        more = group_texts(
            read_texts(config, held_out),
            model.preprocessor.captions,
            training,
            model.class_words,
            config.seed,
            write_plainly(config.plain_sentences // 5, counts, config.seed),
        )
    first_part = run.cached(
        "first_part",
        lambda: _imitate(run, model, decoder, training, validation, more),
    )
    outcome = self_criticise(run, model, decoder, training, validation, first_part)
    model.compile(sampler="beam")
    return run.finish(
        model,
        outcome,
        validation_examples=len(validation.captions),
        test={"examples": len(test.captions), **measure(model, test)},
        dataset={"image": features.image, "captions": features.captions},
        write_card=write_card,
        trivial=most_frequent_caption(training.captions, test.captions),
    )


def _read_features(
    run: TrainingRun[Config], splits: tuple[str, ...], model: Any, features: Any
) -> dict[str, list[np.ndarray]]:
    """The features of each split, and those of mirror images, read or computed."""
    from training.image_captioner.encoder_weights import head_path
    from training.image_captioner.image_features import (
        AS_IT_IS,
        MIRRORED,
        cached_features,
        crop,
    )

    config, encoder = run.config, model.encoder
    name = f"{config.encoder}-{config.image_size}"
    if config.encoder_weights is not None:
        encoder.load_weights(config.encoder_weights)
        if model.class_head is not None:
            with np.load(head_path(config.encoder_weights)) as head:
                model.class_head.set_weights([head["kernel"], head["bias"]])
        name = f"{name}-{sha256_of(config.encoder_weights)[:12]}"
    folder = config.feature_dir or run.workdir / run_folder.CACHE

    def read(example: Any) -> Any:
        return model.preprocessor.images(features.read(example)[0][None])[0]

    views = {split: [AS_IT_IS] for split in splits}
    views[config.train_split] += [MIRRORED]
    views[config.train_split] += [crop(i) for i in range(config.crops)]
    return {
        split: [
            cached_features(run.builder, split, read, encoder, name, folder, view)
            for view in some
        ]
        for split, some in views.items()
    }


def _imitate(
    run: TrainingRun[Config],
    model: Any,
    decoder: Any,
    training: Any,
    validation: Any,
    more: Any,
) -> dict[str, np.ndarray]:
    """Learns from true captions; gives the best weights, and how they came about."""
    from training.core.losses import SmoothedCrossEntropy
    from training.core.trainer import Trainer
    from training.image_captioner.data import measure, to_batches
    from training.image_captioner.self_critical import to_arrays

    config, tokenizer = run.config, model.preprocessor.captions
    outcome = Trainer(
        decoder,
        config,
        to_batches(training, tokenizer, config.batch_size, config.seed, more=more),
        to_batches(validation, tokenizer, 64),
        loss=SmoothedCrossEntropy(config.label_smoothing),
        evaluate=lambda: measure(model, validation),
        monitor="val_cider",
        mode="max",
        started=run.started,
    ).train()
    return to_arrays(decoder, outcome)


if __name__ == "__main__":
    run_script(Config, train, __doc__)
