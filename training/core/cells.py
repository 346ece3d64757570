"""Other recurrent cells in the zoo's models, for comparison."""

from collections.abc import Iterable
from typing import Any, TypeVar

import keras
import numpy as np

from zoo_models.core.zoo_model import ZooModel

Model = TypeVar("Model", bound=ZooModel)

LAYERS: dict[str, Any] = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM}


def with_cell(model_class: type[Model], cell: str) -> type[Model]:
    """Returns the class of a model with another recurrent layer.

    Such a model can be trained and measured but not saved as a preset.

    Args:
        model_class: Class of a model of the zoo.
        cell: `"elman"`, which gives `model_class` itself, `"gru"` or `"lstm"`.
    """
    if cell == "elman":
        return model_class
    name = f"{model_class.__name__}Of{cell.upper()}"
    return type(name, (model_class,), {"recurrent_layer": LAYERS[cell]})


def hold_recurrence_at_zero(cells: Iterable[Any]) -> None:
    """Sets W to zero and keeps it there: a state depends on its own step alone.

    Args:
        cells: `ElmanCell`s that are built.
    """
    for cell in cells:
        cell.recurrent_kernel.assign(np.zeros(cell.recurrent_kernel.shape))
        cell.recurrent_kernel.trainable = False
