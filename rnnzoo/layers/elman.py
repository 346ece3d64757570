"""The Elman layer: the cell run over time."""

import inspect
from operator import attrgetter

import keras

from rnnzoo.layers.elman_cell import ElmanCell

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
            3, or if `initial_state` does not have shape `(batch, units)`.

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
        units,
        activation="tanh",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        seed=None,
        **kwargs,
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

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if initial_state is not None:
            initial_state = [self._check_initial_state(initial_state, sequences)]
        return super().call(
            sequences, initial_state=initial_state, mask=mask, training=training
        )

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Runs the cell over time.

        Args:
            sequences: Input of shape `(batch, time, input_dim)`.
            initial_state: A list of one state of shape `(batch, units)`.
            mask: Boolean tensor of shape `(batch, time)`, or `None`.
            training: Whether dropout is applied.

        Returns:
            The last output, all outputs and a list of the last state.
        """
        return super().inner_loop(sequences, initial_state, mask, training)

    def _check_initial_state(self, initial_state, sequences):
        state = self.cell.check_state(initial_state)
        expected, received = sequences.shape[0], state.shape[0]
        if None not in (expected, received) and expected != received:
            raise ValueError(
                f"The initial state of {self.name} must have shape ({expected}, "
                f"{self.units}), one row for each sequence. Received: shape "
                f"{tuple(state.shape)}"
            )
        return state

    def get_config(self):
        config = super().get_config()
        del config["cell"]
        cell_config = self.cell.get_config()
        return {
            **config,
            **{name: cell_config[name] for name in CELL_ARGUMENTS},
            "activity_regularizer": keras.regularizers.serialize(
                self.activity_regularizer
            ),
        }

    @classmethod
    def from_config(cls, config):
        return cls(**config)


# The arguments of the cell can be read from the layer too, as in SimpleRNN.
for _name in CELL_ARGUMENTS:
    setattr(Elman, _name, property(attrgetter(f"cell.{_name}")))
