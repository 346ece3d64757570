"""The optimizer of a run and the course of its learning rate."""

from typing import Any

import keras

from training.core.config import TrainingConfig
from training.core.course import Course


class PlateauSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises to its height and steps down when `lower` is called.

    Args:
        learning_rate: Rate after the warm-up.
        warmup_steps: Steps in which it rises from zero.
        factor: What `lower` multiplies the rate with.
    """

    def __init__(self, learning_rate: float, warmup_steps: int, factor: float):
        self.learning_rate = learning_rate
        self.warmup_steps = warmup_steps
        self.factor = factor
        self.scale = keras.Variable(1.0, trainable=False, name="plateau_scale")

    def __call__(self, step: Any) -> Any:
        risen = keras.ops.cast(step + 1, "float32") / max(self.warmup_steps, 1)
        return self.learning_rate * self.scale * keras.ops.minimum(risen, 1.0)

    def lower(self) -> None:
        """Steps down."""
        self.scale.assign(self.scale * self.factor)

    def get_config(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "warmup_steps": self.warmup_steps,
            "factor": self.factor,
        }


def make_schedule(
    config: TrainingConfig, course: Course
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate over the steps of a run."""
    rate, warmup_steps = config.learning_rate, course.warmup_steps
    if config.schedule == "plateau":
        return PlateauSchedule(rate, warmup_steps, config.plateau_factor)
    if not warmup_steps:
        return keras.optimizers.schedules.CosineDecay(rate, course.total)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=course.total - warmup_steps,
        warmup_target=rate,
        warmup_steps=warmup_steps,
    )


def make_optimizer(
    config: TrainingConfig, schedule: keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """Adam with gradients clipped as `config` says."""
    return keras.optimizers.Adam(
        schedule, beta_2=config.beta_2, global_clipnorm=config.clip_norm
    )
