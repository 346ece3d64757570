"""The weights of a plain recurrence as arrays, and what follows from them alone."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

# Each activation, and its slope as a function of its result.
ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "linear": (lambda p: p, np.ones_like),
    "relu": (lambda p: np.maximum(p, 0), lambda s: (s > 0).astype(s.dtype)),
    "sigmoid": (lambda p: 0.5 * (1 + np.tanh(p / 2)), lambda s: s * (1 - s)),
    "tanh": (np.tanh, lambda s: 1 - s * s),
}


@dataclass(frozen=True)
class Recurrence:
    """`S_t = activation(X_t · W_l + S_{t-1} · W + b)` in NumPy.

    Attributes:
        kernel: `W_l`, `(input_dim, units)`.
        recurrent_kernel: `W`, `(units, units)`.
        bias: `b`, `(units,)`.
        activation: `"linear"`, `"relu"`, `"sigmoid"` or `"tanh"`.

    Raises:
        ValueError: If the activation is none of the four.

    Example:

    ```python
    import numpy as np
    from rnnzoo.analysis import Recurrence

    memory = Recurrence(np.eye(2), 0.5 * np.eye(2), np.zeros(2), "linear")
    states = memory.run(np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert states.tolist() == [[1.0, 0.0], [0.5, 0.0]]
    ```
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray
    activation: str

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"The activation must be one of {sorted(ACTIVATIONS)}, whose slope "
                "follows from the state. Received: "
                f"activation={self.activation!r}"
            )

    @classmethod
    def from_layer(cls, layer: Any) -> Self:
        """The recurrence of a built `Elman`, `SimpleRNN` or `RNN(ElmanCell(…))`.

        Raises:
            ValueError: If the layer has gates, or an activation of another kind.
        """
        cell = getattr(layer, "cell", layer)
        if not is_plain(layer):
            raise ValueError(
                "The layer must be a built Elman or SimpleRNN layer: a state that "
                "passes gates has no such weights. Received: "
                f"{type(layer).__name__} {getattr(layer, 'name', '')!r}"
            )
        units = cell.recurrent_kernel.shape[0]
        weights = cell.kernel, cell.recurrent_kernel, cell.bias
        kernel, recurrent_kernel, bias = (
            np.zeros(units) if w is None else to_numpy(w).astype("float64")
            for w in weights
        )
        name = getattr(cell.activation, "__name__", str(cell.activation))
        return cls(kernel, recurrent_kernel, bias, name)

    @property
    def units(self) -> int:
        """Size of the state."""
        return len(self.bias)

    def run(self, inputs: Any, first: Any = None) -> np.ndarray:
        """The states after each step.

        Args:
            inputs: `(…, time, input_dim)`, in the order of reading.
            first: State before the first step, `(…, units)`. Default: zeros.

        Returns:
            `(…, time, units)`.
        """
        projected = self.project(inputs)
        states = np.empty_like(projected)
        state = np.zeros(self.units) if first is None else first
        for t in range(projected.shape[-2]):
            state = self.step(state, projected[..., t, :])
            states[..., t, :] = state
        return states

    def project(self, inputs: Any) -> np.ndarray:
        """`X_t · W_l + b` for all steps at once."""
        return np.asarray(inputs, "float64") @ self.kernel + self.bias

    def step(self, state: np.ndarray, projected: np.ndarray) -> np.ndarray:
        """The state after one more step, from what `project` gave of it."""
        act, _ = ACTIVATIONS[self.activation]
        return act(projected + state @ self.recurrent_kernel)

    def slope(self, states: np.ndarray) -> np.ndarray:
        """The slope of the activation where it gave `states`."""
        return ACTIVATIONS[self.activation][1](np.asarray(states, "float64"))


def is_plain(layer: Any) -> bool:
    """Whether a layer has one state and one square matrix upon it, and is built."""
    cell = getattr(layer, "cell", layer)
    kernel = getattr(cell, "recurrent_kernel", None)
    return kernel is not None and kernel.shape[0] == kernel.shape[1]


def to_numpy(tensor: Any) -> np.ndarray:
    """Returns a tensor of the backend as an array."""
    import keras

    return np.asarray(keras.ops.convert_to_numpy(tensor))
