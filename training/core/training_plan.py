"""The number of steps of a run, and the limits that follow from it.

A recipe is written for a data set of full size. On few examples its epochs have few
steps, and a warm-up or an average that is longer than the run would keep the initial
parameters. Three rules prevent that; none of them changes a run of full size:

- a run has at least `min_steps` steps: batches become smaller, down to `LEAST_BATCH`,
  and if that is not enough, an epoch passes over the examples several times;
- the warm-up takes at most `WARMUP_SHARE` of the steps;
- the half-life of the averaged parameters is at most `HALF_LIFE_SHARE` of the steps.
"""

import math
from dataclasses import dataclass

from training.core.config import TrainingConfig

LEAST_BATCH = 8
WARMUP_SHARE = 1 / 8
HALF_LIFE_SHARE = 1 / 5


@dataclass(frozen=True)
class TrainingPlan:
    """Number of steps, batch size and averaging of a run.

    Attributes:
        batch_size: Examples in a batch.
        passes: Passes over the examples in an epoch.
        total: Number of steps of the run.
        warmup_steps: Steps in which the learning rate rises.
        ema_momentum: Momentum of the moving average of the parameters, or `None`.
    """

    batch_size: int
    passes: int
    total: int
    warmup_steps: int
    ema_momentum: float | None


def plan_training(
    config: TrainingConfig, examples: int, can_shrink: bool = True
) -> TrainingPlan:
    """Returns the number of steps of a run, and the settings that follow from it.

    Args:
        config: Settings of the run.
        examples: Number of training examples.
        can_shrink: Whether batches may be smaller than the settings say. Default
            `True`.
    """
    batch_size = min(config.batch_size, examples)
    if can_shrink:
        fitting = config.epochs * examples // config.min_steps
        batch_size = min(batch_size, max(fitting, LEAST_BATCH))
    steps = examples // batch_size  # of a pass
    passes = math.ceil(config.min_steps / (config.epochs * steps))
    total = passes * config.epochs * steps
    momentum = config.ema_momentum
    if momentum is not None:
        # The half-life of an average with momentum m is log 0.5 / log m steps.
        momentum = min(momentum, 0.5 ** (1 / (HALF_LIFE_SHARE * total)))
    return TrainingPlan(
        batch_size,
        passes,
        total,
        min(config.warmup_steps, int(WARMUP_SHARE * total)),
        momentum,
    )


def describe_plan(config: TrainingConfig, plan: TrainingPlan) -> list[str]:
    """Returns sentences that report where the plan differs from the settings."""
    lines = []
    changes = []
    if plan.batch_size < config.batch_size:
        changes.append(
            f"batches hold {plan.batch_size} of them, not {config.batch_size}"
        )
    if plan.passes > 1:
        changes.append(f"an epoch passes over them {plan.passes} times")
    if changes:
        lines.append(
            f"Few examples: {', '.join(changes)}; the run has {plan.total:,} steps "
            f"(min_steps={config.min_steps})."
        )
    shortened = []
    if plan.warmup_steps < config.warmup_steps:
        shortened.append(
            f"the warm-up takes {plan.warmup_steps} steps, not {config.warmup_steps}"
        )
    if plan.ema_momentum != config.ema_momentum:
        shortened.append(
            f"weights are averaged with a momentum of {plan.ema_momentum:.4g}, not "
            f"{config.ema_momentum}"
        )
    if shortened:
        lines.append(f"The run is short: {', '.join(shortened)}.")
    return lines
