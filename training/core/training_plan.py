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


def describe_plan(config: TrainingConfig, plan: TrainingPlan) -> str:
    """Returns a line with the steps of a run, the averaging included."""
    average = "" if plan.ema_momentum is None else f", averages {plan.ema_momentum:.4g}"
    return (
        f"{plan.total:,} steps in {config.epochs} epochs: {plan.passes} passes in each,"
        f" batches of {plan.batch_size}, {plan.warmup_steps} steps of warm-up{average}"
    )
