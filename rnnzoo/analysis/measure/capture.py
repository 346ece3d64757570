"""What the recurrent layers of a model are given and give while it runs."""

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.analysis.measure.layers import find_recurrent
from rnnzoo.analysis.measure.recurrence import Recurrence, to_numpy
from rnnzoo.analysis.measure.states import States

# What is read in each step, in words, for each example: of all layers, or by the
# beginning of the names of layers.
Tokens = Sequence[Sequence[str]] | Mapping[str, Sequence[Sequence[str]]]


@dataclass
class LayerCall:
    """One call of a recurrent layer, in the backend's tensors.

    Attributes:
        name: Name of the layer.
        layer: The layer.
        sequences: What it read, `(batch, time, input_dim)`.
        mask: `(batch, time)`, or `None`.
        first: State before the first step, `(batch, units)`, or `None` for zeros.
        output: States, `(batch, time, units)`, in the order of reading, or the last
            one alone, `(batch, units)`.
    """

    name: str
    layer: Any
    sequences: Any
    mask: Any
    first: Any
    output: Any

    def reading_order(self, array: np.ndarray) -> np.ndarray:
        """An array `(batch, time, …)` as the layer goes through it, or back."""
        return array[:, ::-1] if self.layer.go_backwards else array

    def arrays(self) -> tuple[Recurrence, np.ndarray, np.ndarray, np.ndarray]:
        """The recurrence, and in the order of reading what it read, `(batch, time,
        input_dim)`, which steps count, `(batch, time)`, and the first state, `(batch,
        units)`."""
        recurrence = Recurrence.from_layer(self.layer)
        inputs = self.reading_order(to_numpy(self.sequences).astype("float64"))
        counts = np.ones(inputs.shape[:2], bool)
        if self.mask is not None:
            counts = self.reading_order(to_numpy(self.mask).astype(bool))
        first = np.zeros((len(inputs), recurrence.units))
        if self.first is not None:
            first = to_numpy(self.first).astype("float64")
        return recurrence, inputs, counts, first


def _first(value: Any) -> Any:
    """Returns the first of some values, or the one value."""
    if isinstance(value, list | tuple):
        return value[0] if value else None
    return value


@contextlib.contextmanager
def watching(
    layers: Sequence[tuple[str, Any]],
    transform: Callable[[Any], Any] | None = None,
) -> Iterator[list[LayerCall]]:
    """Notes each eager call of the layers inside the block.

    Args:
        layers: What `find_recurrent` gave.
        transform: Called with what a layer is about to read; what it gives is read
            instead. Default: none.

    Raises:
        ValueError: If a layer is stateful: looking at it would move what it keeps.
    """
    calls: list[LayerCall] = []
    changed: list[tuple[Any, Any]] = []  # kept alive, for they are told apart by id

    def changed_once(sequences: Any) -> Any:
        if transform is None:
            return sequences
        # Layers of both directions read the same tensor; it stays the same for both.
        for before, after in changed:
            if before is sequences:
                return after
        changed.append((sequences, transform(sequences)))
        return changed[-1][1]

    def watch(name: str, layer: Any) -> None:
        original = layer.call
        signature = inspect.signature(original)

        def call(*args: Any, **kwargs: Any) -> Any:
            arguments = signature.bind(*args, **kwargs).arguments
            sequences = changed_once(arguments.pop("sequences"))
            output = original(sequences, **arguments)
            others = arguments.get("mask"), arguments.get("initial_state"), output
            calls.append(LayerCall(name, layer, sequences, *map(_first, others)))
            return output

        # Past the setters of Keras, which would take note of it.
        object.__setattr__(layer, "call", call)

    for name, layer in layers:
        if layer.stateful:
            raise ValueError(
                f"{name} is stateful: it would go on from what it read here. Give "
                "a copy of the model with stateful=False."
            )
    try:
        for name, layer in layers:
            watch(name, layer)
        yield calls
    finally:
        for _, layer in layers:
            vars(layer).pop("call", None)


def read_states(
    model: Any,
    inputs: Any,
    tokens: Tokens | None = None,
) -> list[list[States]]:
    """The states of every plain recurrent layer of a model while it reads.

    Args:
        model: A Keras model with an `Elman` or `SimpleRNN` layer, or a model of the
            zoo.
        inputs: A batch of what the model takes; a list of raw inputs, such as texts,
            for a model of the zoo with its preprocessor.
        tokens: What is read in each step, in words, for each example; or a dictionary
            of it by the beginning of the layers' names. Default: what a model of the
            zoo says, else the numbers of the steps.

    Returns:
        For each example a list with the `States` of each layer, in the order of the
        model.

    Raises:
        ValueError: If there is no plain recurrent layer, or a layer is stateful.

    Example:

    ```python
    import keras
    import numpy as np
    from rnnzoo.analysis import read_states
    from rnnzoo.layers import Elman

    model = keras.Sequential([keras.Input((None, 2)), Elman(3), keras.layers.Dense(1)])
    ((states,),) = read_states(model, np.ones((1, 4, 2), "float32"))
    assert states.values.shape == (4, 3)
    ```
    """
    if tokens is None and getattr(model, "preprocessor", None) is not None:
        inputs, tokens = model.prepare_analysis(inputs)
    with watching(find_recurrent(model)) as calls:
        model(inputs, training=False)
    per_layer = [split_rows(call, tokens) for call in calls]
    return [list(states) for states in zip(*per_layer, strict=True)]


def split_rows(call: LayerCall, tokens: Tokens | None = None) -> list[States]:
    """The states of each example of a call."""
    recurrence, inputs, counts, first = call.arrays()
    order = np.arange(inputs.shape[1])
    order = order[::-1] if call.layer.go_backwards else order
    named = tokens_of(call.name, tokens) or []
    rows = []
    for i, count in enumerate(counts):
        row = named[i] if i < len(named) else []
        if row and call.mask is None and not call.layer.go_backwards:
            count = count & (order < len(row))  # padding that no step before it notices
        positions = order[count]
        words = [row[p] if p < len(row) else str(p) for p in positions]
        rows.append(
            States.of(
                recurrence, inputs[i][count], first[i], call.name, words, positions
            )
        )
    return rows


def tokens_of(layer: str, tokens: Tokens | None) -> Sequence[Sequence[str]] | None:
    """What a layer reads, for each example, or `None` if nothing is known of it."""
    if tokens is None or not isinstance(tokens, Mapping):
        return tokens
    keys = [key for key in tokens if layer.startswith(key)]
    return tokens[max(keys, key=len)] if keys else None
