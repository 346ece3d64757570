"""How the gradient of the loss fares through time while a network is trained."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from rnnzoo.analysis.measure.dynamics import backward_scan
from rnnzoo.analysis.measure.gradients import differentiate, direct_gradient
from rnnzoo.core.checks import check_positive

FAR = 0.1  # share of the steps that count as the first, and as the last
FADED = 1e-4  # of the gradient at the end, is left at the start: it vanishes
REMEDIES = (
    "an orthogonal or identity start of the recurrent kernel, gradient clipping, "
    "shorter windows, or pooling over all states"
)


def measure_flow(
    model: Any, inputs: Any, loss: Callable[[Any], Any]
) -> dict[str, float]:
    """The norms of `dLoss / dS_t` at both ends of time, for each recurrent layer.

    Args:
        model: A Keras model with an `Elman` or `SimpleRNN` layer.
        inputs: A batch of what it takes.
        loss: Gives the loss of the batch, a scalar, from the outputs.

    Returns:
        For each layer `flow_<layer>_first` and `flow_<layer>_last`: the norm of the
        gradient in the mean over the first tenth of the steps in the order of reading,
        and over the last; a root mean square over the examples.
    """
    _, calls, _, gradients = differentiate(model, inputs, loss, with_states=True)
    flow = {}
    for call, gradient in zip(calls, gradients, strict=True):
        recurrence, read, counts, first = call.arrays()
        states = np.empty((*counts.shape, recurrence.units))
        projected, state = recurrence.project(read), first
        for t in range(counts.shape[1]):
            new = recurrence.step(state, projected[:, t])
            state = np.where(counts[:, t, None], new, state)
            states[:, t] = state
        totals = backward_scan(
            recurrence.recurrent_kernel,
            recurrence.slope(states),
            direct_gradient(call, gradient),
            counts,
        )
        squares = np.square(totals).sum(axis=-1)  # (batch, time)
        # Rows are told from their own ends, wherever their padding lies.
        ends = np.zeros((2, len(counts)))
        for i, count in enumerate(counts):
            own = np.sqrt(squares[i][count])
            size = max(round(FAR * len(own)), 1)
            if len(own):
                ends[:, i] = own[:size].mean(), own[-size:].mean()
        for name, values in zip(("first", "last"), ends, strict=True):
            key = f"flow_{call.name.replace('/', '_')}_{name}"
            flow[key] = float(np.sqrt(np.mean(np.square(values))))
    return flow


def find_trouble(flow: dict[str, float]) -> dict[str, str]:
    """The layers whose gradient vanishes or explodes on its way back, each with a
    sentence on it and the remedies."""
    trouble = {}
    for key, first in flow.items():
        if not key.endswith("_first"):
            continue
        name = key.removesuffix("_first")
        last = flow[f"{name}_last"]
        if not (math.isfinite(first) and math.isfinite(last)):
            kind = "explodes: its norm is not finite"
        elif first < FADED * last:
            kind = f"vanishes: its norm falls from {last:.2g} to {first:.2g}"
        elif last < FADED * first:
            kind = f"explodes: its norm grows from {last:.2g} to {first:.2g}"
        else:
            continue
        layer = name.removeprefix("flow_")
        trouble[layer] = (
            f"The gradient through the states of {layer} {kind} on its way to the "
            f"first steps. Remedies: {REMEDIES}."
        )
    return trouble


class GradientFlow(keras.callbacks.Callback):
    """Watches how the gradient of the loss fares through time.

    After each epoch, and every few batches if asked, it measures the norm of `dLoss /
    dS_t` at the first and the last steps of each plain recurrent layer on a batch that
    is always the same. The norms go into the logs, and with them into the history, the
    progress line and TensorBoard, if its callback comes after this one. A gradient that
    vanishes or explodes is warned of once for each layer.

    Args:
        inputs: A small batch of what the network takes.
        targets: The targets of it.
        every: Batches between two measurements within an epoch. Default: none within.

    Raises:
        ValueError: If `every` is not positive, or the model has no plain recurrent
            layer.

    Example:

    ```python
    import keras
    import numpy as np
    from rnnzoo.analysis import GradientFlow
    from rnnzoo.layers import Elman

    states = Elman(3, name="states")
    model = keras.Sequential([keras.Input((None, 2)), states, keras.layers.Dense(1)])
    model.compile("adam", "mse", jit_compile=False)
    x, y = np.ones((8, 5, 2), "float32"), np.ones((8, 1), "float32")
    flow = GradientFlow(x[:4], y[:4])
    history = model.fit(x, y, callbacks=[flow], verbose=0).history
    assert len(history["flow_states_first"]) == 1
    ```
    """

    def __init__(self, inputs: Any, targets: Any, every: int | None = None):
        super().__init__()
        self.inputs, self.targets = inputs, targets
        self.every = None if every is None else check_positive("every", every)
        self.flow: dict[str, float] = {}
        self.warned: set[str] = set()

    def _measure(self) -> None:
        def loss(outputs: Any) -> Any:
            return self.model.compute_loss(
                self.inputs, self.targets, outputs, training=False
            )

        self.flow = measure_flow(self.model, self.inputs, loss)
        for layer, sentence in find_trouble(self.flow).items():
            if layer not in self.warned:
                self.warned.add(layer)
                warnings.warn(sentence, stacklevel=2)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        if self.every is not None and batch % self.every == 0:
            self._measure()
        if logs is not None:
            logs.update(self.flow)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._measure()
        if logs is not None:
            logs.update(self.flow)
