"""How the gradient fares through time in a run: see `rnnzoo.analysis.GradientFlow`."""

from collections.abc import Callable
from typing import Any

import keras

from rnnzoo.analysis.gradient_flow import describe_flow, find_trouble, measure_flow
from training.core.batches import Batches

FLOW_EVERY = 100  # steps between two measurements
ROWS = 8  # examples that are looked at


class FlowWatch:
    """Measures the norms of the loss's gradient at both ends of time.

    The examples are always the same, the first that choose the epoch, and nothing
    random is drawn: a run that is watched gives the weights of one that is not.

    Args:
        model: Keras model.
        loss: Called with `(targets, outputs, sample_weight=weights)`.
        batches: Gives the examples.

    Attributes:
        values: What was measured last, as `rnnzoo.analysis.gradient_flow` names it.
        text: It in a few words.
    """

    def __init__(self, model: keras.Model, loss: Callable[..., Any], batches: Batches):
        self.model, self.loss = model, loss
        batch = next(iter(batches.epoch()))
        few = keras.tree.map_structure(lambda x: x[:ROWS], batch)
        self.inputs, *self.others = keras.utils.unpack_x_y_sample_weight(few)
        self.values: dict[str, float] = {}
        self.text = ""

    def measure(self) -> dict[str, float]:
        """Measures, and returns the norms by name."""
        targets, weights = self.others

        def loss(outputs: Any) -> Any:
            return self.loss(targets, outputs, sample_weight=weights)

        self.values = measure_flow(self.model, self.inputs, loss)
        self.text = describe_flow(self.values)
        return self.values

    def lines(self) -> list[str]:
        """What was measured last, and warnings of what vanishes or explodes."""
        trouble = [f"Warning: {s}" for s in find_trouble(self.values).values()]
        return [f"  gradient, last steps → first: {self.text}", *trouble]
