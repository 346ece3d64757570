"""Lessons from captions of one's own: see `training.core.self_critical`."""

import json
import shutil
import time
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from training.core import run_folder
from training.core.self_critical import CriticalLoss, SelfCritic
from training.core.trainer import Outcome, Trainer
from training.image_captioner.data import measure, to_batches, to_references
from training.image_captioner.reward import CaptionReward
from zoo_models.image_captioner.copying_decoder import HideWords

SELF_CRITICAL = "self_critical"  # folder of the second part of a run


class CaptionCritic(SelfCritic):
    """The `SelfCritic` of an `ImageCaptioner`, whose network is what its `decoder`
    returned. Beside that network's inputs it takes the `numbers` of the images.

    Args:
        *arguments: As of `SelfCritic`.
        hidden_words: Fraction of the words of an image that can only be copied while it
            draws captions, so that copying pays. Default 0.
        **options: As of `SelfCritic`.
    """

    def __init__(self, *arguments: Any, hidden_words: float = 0.0, **options: Any):
        super().__init__(*arguments, **options)
        seed = self.sampler.seed
        self.hide = HideWords(hidden_words, None if seed is None else seed + 1)
        self.variables.append(self.hide.seed_generator.state)

    def __call__(self, inputs: dict[str, Any], training: bool = False) -> Any:
        if training and self.hide.rate and "word_ids" in inputs:
            word_ids, hidden_ids = self.hide(inputs["word_ids"], training=True)
            # A minus hides a word wherever the network reads it.
            inputs = {**inputs, "word_ids": word_ids - 2 * hidden_ids}
        return super().__call__(inputs, training)

    def read(self, inputs: dict[str, Any]) -> tuple[Any, ...]:
        features = tf.cast(inputs["image_features"], tf.float32)
        return self.generator.read_seen({**inputs, "image_features": features})

    def judged_by(self, inputs: dict[str, Any]) -> Any:
        return inputs["numbers"]

    def true_logits(self, inputs: dict[str, Any], training: bool) -> Any:
        return self.logits(inputs, inputs["token_ids"], training)

    def logits(
        self, inputs: dict[str, Any], token_ids: Any, training: bool = False
    ) -> Any:
        names = set(self.network.input) - {"token_ids"}
        seen = {name: inputs[name] for name in names}
        return self.network({**seen, "token_ids": token_ids}, training=training)


def second_part(config: Any) -> Any:
    """The settings with which it learns from captions of its own."""
    epochs = config.critical_epochs
    return replace(
        config,
        workdir=config.workdir / SELF_CRITICAL,
        epochs=epochs,
        min_steps=max(config.min_steps * epochs // config.epochs, 1),
        learning_rate=config.critical_learning_rate,
        warmup_steps=config.warmup_steps // 4,
        ema_momentum=config.critical_ema_momentum,
    )


def self_criticise(
    config: Any,
    model: Any,
    decoder: Any,
    training: Any,
    validation: Any,
    first_part: dict[str, np.ndarray],
) -> Any:
    """Goes on from the weights that true captions gave with captions of its own.

    Args:
        config: Settings of `training.train_captioner`.
        model: The captioner.
        decoder: What its `decoder` returned.
        training: Images to learn from, a `CaptionedImages`.
        validation: Images to choose the best epoch by.
        first_part: Weights and `outcome` of the first part of the run.

    Returns:
        The outcome of both parts. The decoder has the best weights.
    """
    weights = [w for k, w in sorted(first_part.items()) if k != "outcome"]
    decoder.set_weights(weights)
    first = Outcome(**json.loads(str(first_part["outcome"])))
    first.ended = time.monotonic()
    if not config.critical_epochs or config.overfit_batch:
        return first
    tokenizer = model.preprocessor.captions
    config = second_part(config)
    outcome = Trainer(
        CaptionCritic(
            model,
            decoder,
            CaptionReward(
                to_references(training.captions, tokenizer), config.critical_variety
            ),
            config.critical_samples,
            model.default_max_length(),
            config.seed,
            imitates=bool(config.critical_imitation),
            hidden_words=config.critical_hidden_words,
        ),
        config,
        to_batches(
            training, tokenizer, config.batch_size, config.seed, with_numbers=True
        ),
        to_batches(validation, tokenizer, 64, with_numbers=True),
        loss=CriticalLoss(config.label_smoothing, config.critical_imitation),
        evaluate=lambda: measure(model, validation),
        monitor="val_cider",
        mode="max",
    ).train()
    shutil.rmtree(config.workdir / run_folder.CHECKPOINTS, ignore_errors=True)
    best, kept = outcome.best, config.critical_kept
    if kept:
        both = zip(weights, decoder.get_weights(), strict=True)
        decoder.set_weights([kept * a + (1 - kept) * b for a, b in both])
        found = measure(model, validation)
        best = {**best, **{f"val_{name}": value for name, value in found.items()}}
    # The losses of the two parts are not of one kind.
    return replace(
        first,
        best=best,
        seconds=first.seconds + outcome.seconds,
        ended=outcome.ended,
    )
