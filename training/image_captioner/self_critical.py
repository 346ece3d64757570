"""The second part of a captioner's run: see `training.image_captioner.critic`."""

import json
import time
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from training.core import checkpoint
from training.core.trainer import Outcome, Trainer
from training.image_captioner.critic import CaptionCritic, CriticalLoss
from training.image_captioner.data import measure, to_batches, to_references
from training.image_captioner.reward import CaptionReward

SELF_CRITICAL = "self_critical"  # folder of the second part of a run


def to_arrays(decoder: Any, outcome: Any) -> dict[str, np.ndarray]:
    """Returns the parameters of a network by name, and the `outcome` of its run."""
    weights = {f"weight-{i:03d}": w for i, w in enumerate(decoder.get_weights())}
    record = json.dumps({**asdict(outcome), "ended": None})
    return {**weights, "outcome": np.array(record)}


def second_part(config: Any) -> Any:
    """Returns the settings of the second part of a run.

    Args:
        config: Settings of `training.train_captioner`.
    """
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
    run: Any,
    model: Any,
    decoder: Any,
    training: Any,
    validation: Any,
    first_part: dict[str, np.ndarray],
) -> Any:
    """Continues from the parameters of the first part with self-critical training.

    The result averages the parameters before and after with the weight `critical_kept`.

    Args:
        run: The `TrainingRun` of `training.train_captioner`.
        model: The captioner.
        decoder: The network that its `decoder` method returned.
        training: Images to train on, a `CaptionedImages`.
        validation: Images that choose the best epoch.
        first_part: Parameters and `outcome` of the first part of the run.

    Returns:
        The outcome of both parts. The decoder has the best parameters.

    References:
        - Wortsman et al., "Model soups", 2022: averages of parameters.
    """
    config = run.config
    weights = [w for k, w in sorted(first_part.items()) if k != "outcome"]
    decoder.set_weights(weights)
    first = Outcome(**json.loads(str(first_part["outcome"])))
    first.ended = time.monotonic()
    if not config.critical_epochs:
        return first
    part = run.cached(
        "second_part",
        lambda: _learn(second_part(config), model, decoder, training, validation),
    )
    second = Outcome(**json.loads(str(part.pop("outcome"))))
    kept, best = config.critical_kept, second.best
    last = [w for _, w in sorted(part.items())]
    decoder.set_weights(
        [kept * a + (1 - kept) * b for a, b in zip(weights, last, strict=True)]
    )
    if kept:
        found = measure(model, validation)
        best = {**best, **{f"val_{name}": value for name, value in found.items()}}
    # The history of the first part stays: the losses of the two parts differ in kind.
    return replace(
        first,
        best=best,
        seconds=first.seconds + second.seconds,
        ended=time.monotonic(),
    )


def _learn(
    config: Any, model: Any, decoder: Any, training: Any, validation: Any
) -> dict[str, np.ndarray]:
    """Trains the second part; returns the best parameters and the outcome."""
    tokenizer = model.preprocessor.captions
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
    (config.workdir / checkpoint.FILE).unlink(missing_ok=True)
    return to_arrays(decoder, outcome)
