"""Steps on JAX, compiled once for each length."""

from collections.abc import Callable
from typing import Any

import jax
import keras

from training.core.batches import Batches
from training.core.steps import Steps


class JaxSteps(Steps):
    """See `Steps`. A compiled step takes and returns the values of all variables."""

    def prepare(self, batches: Batches) -> None:
        self._train = jax.jit(self._as_function(self._train_step), donate_argnums=0)
        self._measure = jax.jit(self._as_function(self._measure_step))
        self._others = self.model.non_trainable_variables

    def train(self, batch: Any) -> float:
        return float(self._run(self._train, batch))

    def measure_batch(self, batch: Any) -> None:
        self._run(self._measure, batch)

    def _run(self, function: Callable[..., Any], batch: Any) -> Any:
        values = [variable.value for variable in self.variables]
        arrays = keras.tree.map_structure(lambda part: part.numpy(), batch)
        values, result = function(values, arrays)
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)
        return result

    def _as_function(self, step: Callable[[Any], Any]) -> Callable[..., Any]:
        """Returns a step that takes and returns the values of all variables."""

        def run(values: list[Any], batch: Any) -> tuple[list[Any], Any]:
            mapping = zip(self.variables, values, strict=True)
            with keras.StatelessScope(state_mapping=list(mapping)):
                result = step(batch)
                return [variable.value for variable in self.variables], result

        return run

    def _train_step(self, batch: Any) -> Any:
        def loss_of(trainable: list[Any]) -> tuple[Any, Any]:
            changed = [*self.trainable, *self._others]
            given = [*trainable, *(variable.value for variable in self._others)]
            mapping = list(zip(changed, given, strict=True))
            with keras.StatelessScope(state_mapping=mapping):
                loss, outputs = self.forward(batch, training=True)
                return loss, (outputs, [other.value for other in self._others])

        values = [variable.value for variable in self.trainable]
        (loss, (outputs, others)), gradients = jax.value_and_grad(
            loss_of, has_aux=True
        )(values)
        for variable, value in zip(self._others, others, strict=True):
            variable.assign(value)
        self.apply(gradients)
        self.count(batch, loss, outputs)
        return loss

    def _measure_step(self, batch: Any) -> None:
        self.count(batch, *self.forward(batch, training=False))
