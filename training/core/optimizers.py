"""The optimizer of a run and its learning rate schedule."""

import keras

from training.core.config import TrainingConfig
from training.core.training_plan import TrainingPlan


def make_schedule(
    config: TrainingConfig, plan: TrainingPlan
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Returns a cosine schedule down to zero, with a linear warm-up."""
    rate, warmup_steps = config.learning_rate, plan.warmup_steps
    if not warmup_steps:
        return keras.optimizers.schedules.CosineDecay(rate, plan.total)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=plan.total - warmup_steps,
        warmup_target=rate,
        warmup_steps=warmup_steps,
    )


def make_optimizer(
    config: TrainingConfig, schedule: keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """Returns Adam, with the gradient clipping of `config`."""
    return keras.optimizers.Adam(
        schedule, beta_2=config.beta_2, global_clipnorm=config.clip_norm
    )
