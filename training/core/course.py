"""How long a run is, and what must not be long beside it.

A recipe is written for a data set of full size. On a few examples the same number of
epochs is a handful of steps, and a warm-up or an average that is longer than the run
would leave the weights as they were at the start. Hence three rules, none of which
changes a run of full size:

- a run has `min_steps` steps or more: batches of few examples are smaller, down to
  `LEAST_BATCH`, and an epoch passes over them several times if that is not enough;
- the warm-up takes `WARMUP_SHARE` of the steps at most;
- the half-life of the averaged weights is `HALF_LIFE_SHARE` of the steps at most.
"""

import math
from dataclasses import dataclass

from training.core.config import TrainingConfig

LEAST_BATCH = 8
WARMUP_SHARE = 1 / 8
HALF_LIFE_SHARE = 1 / 5


@dataclass(frozen=True)
class Course:
    """The course of a run, in steps.

    Attributes:
        batch_size: Examples in a batch.
        passes: Passes over the examples in an epoch.
        total: Steps in all, if nothing ends the run before.
        warmup_steps: Steps in which the learning rate rises.
        ema_momentum: Of the moving average of the weights, or `None` for none.
    """

    batch_size: int
    passes: int
    total: int
    warmup_steps: int
    ema_momentum: float | None


def plan_course(
    config: TrainingConfig, examples: int, can_shrink: bool = True
) -> Course:
    """The course of a run.

    Args:
        config: Settings of the run.
        examples: Number of examples to learn from.
        can_shrink: Whether batches may be smaller than the settings say. Default
            `True`.
    """
    batch_size = min(config.batch_size, examples)
    if can_shrink:
        fitting = config.epochs * examples // config.min_steps
        batch_size = min(batch_size, max(fitting, LEAST_BATCH))
    steps = examples // batch_size  # of a pass
    passes = math.ceil(config.min_steps / (config.epochs * steps))
    return _fit(config, batch_size, passes, passes * config.epochs * steps)


def plan_repetition(config: TrainingConfig, batch_size: int, steps: int) -> Course:
    """The course of a run that is given one batch, `steps` times in an epoch."""
    return _fit(config, batch_size, 1, config.epochs * steps)


def _fit(config: TrainingConfig, batch_size: int, passes: int, total: int) -> Course:
    momentum = config.ema_momentum
    if momentum is not None:
        # An average of momentum m forgets half of what it was in log 0.5 / log m steps.
        momentum = min(momentum, 0.5 ** (1 / (HALF_LIFE_SHARE * total)))
    return Course(
        batch_size,
        passes,
        total,
        min(config.warmup_steps, int(WARMUP_SHARE * total)),
        momentum,
    )


def describe_course(config: TrainingConfig, course: Course) -> list[str]:
    """Sentences on what differs from the settings, to be read as the run starts."""
    lines = []
    changes = []
    if course.batch_size < config.batch_size:
        changes.append(
            f"batches hold {course.batch_size} of them, not {config.batch_size}"
        )
    if course.passes > 1:
        changes.append(f"an epoch passes over them {course.passes} times")
    if changes:
        lines.append(
            f"Few examples: {', '.join(changes)}; the run has {course.total:,} steps "
            f"(min_steps={config.min_steps})."
        )
    shortened = []
    if course.warmup_steps < config.warmup_steps:
        shortened.append(
            f"the warm-up takes {course.warmup_steps} steps, not {config.warmup_steps}"
        )
    if course.ema_momentum != config.ema_momentum:
        shortened.append(
            f"weights are averaged with a momentum of {course.ema_momentum:.4g}, not "
            f"{config.ema_momentum}"
        )
    if shortened:
        lines.append(f"The run is short: {', '.join(shortened)}.")
    return lines
