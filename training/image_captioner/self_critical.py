"""Lessons from captions of one's own: see `training.core.self_critical`."""

import json
import shutil
import time
from dataclasses import asdict, replace
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


def to_arrays(decoder: Any, outcome: Any) -> dict[str, np.ndarray]:
    """The weights of a network by name, and the `outcome` that they came with."""
    weights = {f"weight-{i:03d}": w for i, w in enumerate(decoder.get_weights())}
    record = json.dumps({**asdict(outcome), "ended": None})
    return {**weights, "outcome": np.array(record)}


def second_part(config: Any, number: int = 0) -> Any:
    """The settings with which it learns from captions of its own.

    Args:
        config: Settings of `training.train_captioner`.
        number: Which of several runs it is, each with a seed of its own.
    """
    epochs = config.critical_epochs
    return replace(
        config,
        workdir=config.workdir / SELF_CRITICAL / str(number),
        seed=config.seed + number,
        epochs=epochs,
        min_steps=max(config.min_steps * epochs // config.epochs, 1),
        learning_rate=config.critical_learning_rate,
        warmup_steps=config.warmup_steps // 4,
        ema_momentum=config.critical_ema_momentum,
    )


def self_criticise(
    run: Any,
    model: Any,
    decoder: Any,
    training: Any,
    validation: Any,
    first_part: dict[str, np.ndarray],
) -> Any:
    """Goes on from the weights that true captions gave with captions of its own.

    The weights of several such runs, and those before them, lie near enough to each
    other for their mean to be better than each.

    Args:
        run: The `TrainingRun` of `training.train_captioner`.
        model: The captioner.
        decoder: What its `decoder` returned.
        training: Images to learn from, a `CaptionedImages`.
        validation: Images to choose the best epoch by.
        first_part: Weights and `outcome` of the first part of the run.

    Returns:
        The outcome of both parts. The decoder has the best weights.

    References:
        - Wortsman et al., "Model soups", 2022: the mean of runs that went on from the
          same weights.
    """
    config = run.config
    weights = [w for k, w in sorted(first_part.items()) if k != "outcome"]
    decoder.set_weights(weights)
    first = Outcome(**json.loads(str(first_part["outcome"])))
    first.ended = time.monotonic()
    if not config.critical_epochs or config.overfit_batch:
        return first
    outcomes, means = [], [np.zeros_like(w) for w in weights]
    for number in range(config.critical_runs):

        def learn(number: int = number) -> dict[str, np.ndarray]:
            decoder.set_weights(weights)
            settings = second_part(config, number)
            return _learn(settings, model, decoder, training, validation)

        part = run.cached(f"second_part_{number}", learn)
        outcomes.append(Outcome(**json.loads(str(part.pop("outcome")))))
        share = (1 - config.critical_kept) / config.critical_runs
        means = [
            a + share * b for a, (_, b) in zip(means, sorted(part.items()), strict=True)
        ]
    kept = zip(weights, means, strict=True)
    decoder.set_weights([config.critical_kept * a + b for a, b in kept])
    best = outcomes[0].best
    if config.critical_kept or config.critical_runs > 1:
        found = measure(model, validation)
        best = {**best, **{f"val_{name}": value for name, value in found.items()}}
    # The losses of the two parts are not of one kind.
    return replace(
        first,
        best=best,
        seconds=first.seconds + sum(outcome.seconds for outcome in outcomes),
        ended=time.monotonic(),
    )


def _learn(
    config: Any, model: Any, decoder: Any, training: Any, validation: Any
) -> dict[str, np.ndarray]:
    """One run with captions of its own; gives the best weights, and how they came
    about."""
    tokenizer = model.preprocessor.captions
    outcome = Trainer(
        CaptionCritic(
            model,
            decoder,
            CaptionReward(
                to_references(training.captions, tokenizer),
                config.critical_variety,
                config.critical_bleu,
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
    return to_arrays(decoder, outcome)
