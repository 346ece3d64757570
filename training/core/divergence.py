"""A loss or gradient that is not finite: what led to it, kept and named."""

import json
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from zoo_models.core.saving import write_json


class DivergedError(ArithmeticError):
    """The loss or a gradient is not finite."""


def report_divergence(
    folder: Path, place: dict[str, Any], batch: Any, norms: dict[str, float]
) -> NoReturn:
    """Saves what led to a loss or gradient that is not finite, and raises.

    Args:
        folder: Folder to write: `batch.npz` and `gradients.json`.
        place: Numbers of step, epoch and batch, and the loss.
        batch: What the step was given.
        norms: Norm of the gradient of each variable.

    Raises:
        DivergedError: Always.
    """
    import tensorflow as tf

    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"part-{i}": part.numpy() for i, part in enumerate(tf.nest.flatten(batch))
    }
    np.savez(folder / "batch.npz", **arrays)
    # JSON has no NaN: such values are written as words.
    record = {**place, "gradient_norms": norms}
    plain = json.loads(json.dumps(record), parse_constant=str)
    write_json(folder / "gradients.json", plain)
    raise DivergedError(
        f"The loss is {place['loss']} at step {place['step']} (epoch {place['epoch']}, "
        f"batch {place['batch']}). The batch and the norms of the gradients are in "
        f"{folder}. A lower --learning-rate or `clip_norm` may help."
    )
