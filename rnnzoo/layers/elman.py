"""The Elman layer: the cell run over time."""

import inspect
from operator import attrgetter
from typing import Any, Self

import keras

from rnnzoo.core.types import Tensor
from rnnzoo.layers.elman_cell import ElmanCell
from rnnzoo.layers.elman_scan import BACKENDS, elman_scan, fused_activation

CELL_ARGUMENTS = tuple(inspect.signature(ElmanCell).parameters)[:-1]


@keras.saving.register_keras_serializable(package="rnnzoo")
class Elman(keras.layers.RNN):
    """A plain (Elman) recurrent layer, a drop-in for `keras.layers.SimpleRNN`.

        S_t = activation(X_t · W_l + S_{t-1} · W + b)

    `W_l` is the weight `kernel`, `W` is `recurrent_kernel`, `b` is `bias`: see
    `rnnzoo.layers.ElmanCell`. The state `S` is handed from step to step and is
    also the output. Unlike `SimpleRNN`, the layer keeps `seed` in its
    configuration and refuses dropout rates outside [0, 1].

    Args:
        units: Number of units, the size of the state. Positive integer.
        activation: Activation, by name or as a function; `None` is linear.
            Default `"tanh"`.
        use_bias: Whether to add `b`. Default `True`.
        kernel_initializer: Initialiser of `kernel`. Default `"glorot_uniform"`.
        recurrent_initializer: Initialiser of `recurrent_kernel`. Default
            `"orthogonal"`.
        bias_initializer: Initialiser of `bias`. Default `"zeros"`.
        kernel_regularizer: Regulariser of `kernel`. Default `None`.
        recurrent_regularizer: Regulariser of `recurrent_kernel`. Default `None`.
        bias_regularizer: Regulariser of `bias`. Default `None`.
        activity_regularizer: Regulariser of the output. Default `None`.
        kernel_constraint: Constraint on `kernel`. Default `None`.
        recurrent_constraint: Constraint on `recurrent_kernel`. Default `None`.
        bias_constraint: Constraint on `bias`. Default `None`.
        dropout: Fraction of the inputs set to zero in training, from 0 to 1; one
            mask for all steps of a sequence. Default 0.
        recurrent_dropout: The same for the previous state. Default 0.
        return_sequences: Whether to return the states of all steps rather than
            the last one. Default `False`.
        return_state: Whether to return the last state in addition. Default
            `False`.
        go_backwards: Whether to read the sequence from its end; the outputs then
            come in the order of reading. Default `False`.
        stateful: Whether the last state of a batch starts the next one. The
            batch size must then be fixed. Default `False`.
        unroll: Whether to lay out the loop step by step; the time dimension must
            then be known. Default `False`.
        seed: Integer seed of the dropout masks, or `None`. Default `None`.
        fused: Whether to run the recurrence of `rnnzoo.layers.elman_scan`, which is
            faster and gives the same numbers. Other activations than tanh, relu,
            sigmoid and linear, unrolling and, in training, recurrent dropout take the
            loop of Keras instead. Default `True`.
        **kwargs: Arguments of every Keras layer, such as `name` and `dtype`, and
            `zero_output_for_mask` of `keras.layers.RNN`.

    Call arguments:
        sequences: Input of shape `(batch, time, input_dim)`.
        initial_state: State before the first step, of shape `(batch, units)`, or
            a list of it. Default: zeros, or the kept state if `stateful`.
        mask: Boolean tensor of shape `(batch, time)`; `False` skips the step.
        training: Whether dropout is applied.

    Returns:
        The states, of shape `(batch, time, units)`, if `return_sequences`, else
        the last state, of shape `(batch, units)`; with `return_state` a pair of
        it and the last state.

    Masking:
        A masked step leaves the state as it was and repeats the output before
        it (zeros before the first step that counts).

    Raises:
        ValueError: If an argument is out of range, if `sequences` is not of rank
            3, if `initial_state` does not have shape `(batch, units)`, or if `mask`
            does not have shape `(batch, time)`.

    Example:

    ```python
    import keras
    from rnnzoo.layers import Elman

    layer = Elman(64, return_sequences=True, return_state=True)
    states, last = layer(keras.random.normal((2, 5, 8)))
    assert states.shape == (2, 5, 64) and last.shape == (2, 64)
    ```

    References:
        - Elman, "Finding Structure in Time", Cognitive Science 14 (1990).
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        fused: bool = True,
        **kwargs: Any,
    ):
        arguments = locals()
        cell = ElmanCell(
            **{name: arguments[name] for name in CELL_ARGUMENTS},
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="elman_cell",
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.fused = fused
        if keras.backend.backend() == "tensorflow":
            # Keeps `fit` from compiling its whole step, in which a loop over many
            # steps crawls. The fused recurrence compiles what gains by it.
            self.supports_jit = False

    def call(
        self,
        sequences: Tensor,
        initial_state: Tensor = None,
        mask: Tensor = None,
        training: bool = False,
    ) -> Tensor:
        if initial_state is not None:
            initial_state = [self._check_initial_state(initial_state, sequences)]
        if mask is not None:
            self._check_mask(mask, sequences)
        if "float" not in keras.backend.standardize_dtype(sequences.dtype):
            sequences = keras.ops.cast(sequences, self.compute_dtype)
        if self._is_one_step_from_zero(sequences, initial_state, mask):
            return self._call_one_step(sequences, training)
        return super().call(
            sequences, initial_state=initial_state, mask=mask, training=training
        )

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        zeros = keras.ops.zeros((batch_size, self.units), dtype=self.compute_dtype)
        return [zeros]

    def _is_one_step_from_zero(
        self, sequences: Tensor, initial_state: Tensor, mask: Tensor
    ) -> bool:
        # W meets nothing but zeros then. Only if it is held fixed, for else a gradient
        # of zeros is expected of it.
        is_from_zero = initial_state is None and mask is None and not self.stateful
        is_fixed = not self.cell.recurrent_kernel.trainable
        is_one_step = sequences.shape[1] == 1 and is_from_zero
        return is_one_step and is_fixed and self.is_fused()

    def _call_one_step(self, sequences: Tensor, training: bool) -> Tensor:
        ops, cell = keras.ops, self.cell
        inputs = sequences[:, 0]
        if training and cell.dropout:
            inputs = inputs * cell.get_dropout_mask(inputs)
        state = ops.matmul(inputs, cell.kernel)
        state = cell.activation(state if cell.bias is None else state + cell.bias)
        output = ops.expand_dims(state, 1) if self.return_sequences else state
        return (output, state) if self.return_state else output

    def is_fused(self, training: bool = False) -> bool:
        """Returns whether calls run the fused recurrence."""
        can_be = fused_activation(self.cell.activation) is not None and not self.unroll
        has_dropout = training and self.cell.recurrent_dropout
        is_known = keras.backend.backend() in BACKENDS
        return bool(self.fused) and can_be and is_known and not has_dropout

    def inner_loop(
        self,
        sequences: Tensor,
        initial_state: Tensor,
        mask: Tensor,
        training: bool = False,
    ) -> tuple[Any, Any, list[Any]]:
        """Runs the cell over time: fused if it can be, else step by step."""
        if not self.is_fused(training):
            return super().inner_loop(sequences, initial_state, mask, training)
        cell = self.cell
        if training and cell.dropout:
            # The cell would apply this one mask at every step.
            dropout_mask = cell.get_dropout_mask(sequences[:, 0])
            sequences = sequences * keras.ops.expand_dims(dropout_mask, 1)
        (state,) = keras.tree.flatten(initial_state)
        outputs, state = elman_scan(
            sequences,
            cell.kernel,
            cell.recurrent_kernel,
            cell.bias,
            state,
            mask=mask,
            activation=cell.activation,
            go_backwards=self.go_backwards,
            training=training,
        )
        if mask is None:
            return state, outputs, [state]
        return *self._mask_outputs(outputs, state, mask), [state]

    def _mask_outputs(
        self, outputs: Tensor, state: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The last output and all outputs, at masked steps as Keras gives them."""
        ops = keras.ops
        if self.zero_output_for_mask:
            mask = ops.flip(mask, axis=1) if self.go_backwards else mask
            outputs = ops.where(
                ops.expand_dims(mask, -1), outputs, ops.zeros_like(outputs)
            )
            return outputs[:, -1], outputs
        if keras.backend.backend() == "jax":
            return state, outputs
        # A row without a single step gives zeros, whatever the initial state.
        has_steps = ops.any(mask, axis=1, keepdims=True)
        return ops.where(has_steps, state, ops.zeros_like(state)), outputs

    def _check_mask(self, mask: Tensor, sequences: Tensor) -> None:
        expected, received = tuple(sequences.shape[:2]), tuple(mask.shape)
        pairs = zip(expected, received, strict=False)
        fits = all(None in pair or pair[0] == pair[1] for pair in pairs)
        if len(received) != 2 or not fits:
            raise ValueError(
                f"The mask of {self.name} must have shape (batch, time), here "
                f"{expected}. Received: shape {received}"
            )

    def _check_initial_state(self, initial_state: Tensor, sequences: Tensor) -> Tensor:
        state = self.cell.check_state(initial_state)
        expected, received = sequences.shape[0], state.shape[0]
        if None not in (expected, received) and expected != received:
            raise ValueError(
                f"The initial state of {self.name} must have shape ({expected}, "
                f"{self.units}), one row for each sequence. Received: shape "
                f"{tuple(state.shape)}"
            )
        return state

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["cell"]
        cell_config = self.cell.get_config()
        return {
            **config,
            **{name: cell_config[name] for name in CELL_ARGUMENTS},
            "fused": self.fused,
            "activity_regularizer": keras.regularizers.serialize(
                self.activity_regularizer
            ),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)


# The arguments of the cell can be read from the layer too, as in SimpleRNN.
for _name in CELL_ARGUMENTS:
    setattr(Elman, _name, property(attrgetter(f"cell.{_name}")))
