"""The Elman cell: one step of the recurrence every model of the zoo stands on."""

from typing import Any

import keras

from rnnzoo.core.checks import check_positive, check_rate
from rnnzoo.core.types import Tensor

# `keras.layers.RNN` draws one dropout mask for a whole sequence only if the cell
# is an instance of a mix-in that Keras does not export. The bases of the public
# `SimpleRNNCell` lead to it.
(_DropoutMasks,) = (
    base
    for base in keras.layers.SimpleRNNCell.__bases__
    if base is not keras.layers.Layer
)


@keras.saving.register_keras_serializable(package="rnnzoo")
class ElmanCell(keras.layers.Layer, _DropoutMasks):  # type: ignore[valid-type, misc]
    """One time step of a plain (Elman) recurrent network.

        S_t = activation(X_t · W_l + S_{t-1} · W + b)

    `S` is the state, which is also the output; `W_l` is the weight `kernel` of
    shape `(input_dim, units)`, `W` is `recurrent_kernel` of shape
    `(units, units)` and `b` is `bias` of shape `(units,)`. `X_t` is the input of
    the step. The weights have the names and shapes of those in
    `keras.layers.SimpleRNNCell`, so `set_weights` moves them either way.

    Wrap the cell in `keras.layers.RNN` to run it over time, or use
    `rnnzoo.layers.Elman`, which does so.

    Args:
        units: Number of units, the size of the state. Positive integer.
        activation: Activation, by name or as a function; `None` is linear.
            Default `"tanh"`.
        use_bias: Whether to add `b`. Default `True`.
        kernel_initializer: Initialiser of `kernel`. Default `"glorot_uniform"`.
        recurrent_initializer: Initialiser of `recurrent_kernel`. Default
            `"orthogonal"`, which keeps a state's length from step to step as
            long as the activation is near linear.
        bias_initializer: Initialiser of `bias`. Default `"zeros"`.
        kernel_regularizer: Regulariser of `kernel`. Default `None`.
        recurrent_regularizer: Regulariser of `recurrent_kernel`. Default `None`.
        bias_regularizer: Regulariser of `bias`. Default `None`.
        kernel_constraint: Constraint on `kernel`. Default `None`.
        recurrent_constraint: Constraint on `recurrent_kernel`. Default `None`.
        bias_constraint: Constraint on `bias`. Default `None`.
        dropout: Fraction of the inputs set to zero in training, from 0 to 1; the
            same inputs at every step of a sequence. Default 0.
        recurrent_dropout: The same for the previous state. Default 0.
        seed: Integer seed of the dropout masks, or `None`. Default `None`.
        **kwargs: Arguments of every Keras layer, such as `name` and `dtype`.

    Call arguments:
        inputs: One step of input, of shape `(batch, input_dim)`.
        states: The previous state, of shape `(batch, units)`, alone or as the
            only element of a list or tuple.
        training: Whether dropout is applied.

    Returns:
        A pair: the output, of shape `(batch, units)`, and the new state, which
        is the same tensor, in a list if `states` came in one.

    Raises:
        ValueError: If an argument is out of range, if `inputs` is not of rank 2,
            or if the state does not have `units` features.

    Example:

    ```python
    import keras
    from rnnzoo.layers import ElmanCell

    layer = keras.layers.RNN(ElmanCell(64), return_sequences=True)
    states = layer(keras.random.normal((2, 5, 8)))  # (batch, time, units)
    assert states.shape == (2, 5, 64)
    ```

    References:
        - Elman, "Finding Structure in Time", Cognitive Science 14 (1990).
        - Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in
          Recurrent Neural Networks", 2016: one mask for all steps.
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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.units = check_positive("units", units)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.recurrent_constraint = keras.constraints.get(recurrent_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self.dropout = check_rate("dropout", dropout)
        self.recurrent_dropout = check_rate("recurrent_dropout", recurrent_dropout)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.state_size = self.units
        self.output_size = self.units

    def build(self, input_shape: Any) -> None:
        self._check_inputs(input_shape)
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units),
            name="kernel",
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units),
            name="recurrent_kernel",
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(self.units,),
                name="bias",
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(
        self, inputs: Tensor, states: Tensor, training: bool = False
    ) -> tuple[Tensor, Tensor]:
        self._check_inputs(inputs.shape)
        is_nested = isinstance(states, list | tuple)
        state = self.check_state(states)
        if training:
            if self.dropout:
                inputs = inputs * self.get_dropout_mask(inputs)
            if self.recurrent_dropout:
                state = state * self.get_recurrent_dropout_mask(state)
        projection = keras.ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            projection = keras.ops.add(projection, self.bias)
        recurrence = keras.ops.matmul(state, self.recurrent_kernel)
        state = self.activation(keras.ops.add(projection, recurrence))
        return state, [state] if is_nested else state

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Returns a list with the state before the first step: zeros of shape
        `(batch_size, units)`."""
        shape = (batch_size, self.state_size)
        return [keras.ops.zeros(shape, dtype=self.compute_dtype)]

    def check_state(self, states: Tensor) -> Tensor:
        """Returns the one state in `states`, or raises `ValueError` with its shape.

        Args:
            states: A tensor of shape `(batch, units)`, or a nest of one.
        """
        flat = keras.tree.flatten(states)
        if len(flat) != 1:
            raise ValueError(
                f"{self.name} has one state, of shape (batch, {self.units}). "
                f"Received: {len(flat)} states"
            )
        shape = tuple(flat[0].shape)
        if len(shape) != 2 or shape[1] not in (None, self.units):
            raise ValueError(
                f"The state of {self.name} must have shape (batch, {self.units}). "
                f"Received: shape {shape}"
            )
        return flat[0]

    def _check_inputs(self, shape: Any) -> None:
        if len(shape) != 2 or shape[-1] is None:
            raise ValueError(
                f"{self.name} takes one step of shape (batch, input_dim), with a "
                f"known input_dim. Received: shape {tuple(shape)}"
            )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **_serialize(self, keras.initializers, "initializer"),
            **_serialize(self, keras.regularizers, "regularizer"),
            **_serialize(self, keras.constraints, "constraint"),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def _serialize(cell: ElmanCell, module: Any, kind: str) -> dict[str, Any]:
    names = (f"{weight}_{kind}" for weight in ("kernel", "recurrent", "bias"))
    return {name: module.serialize(getattr(cell, name)) for name in names}
