"""Attention as a read-out of encoder outputs."""

from typing import Any

import keras

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import Tensor


def attention_weights(scores: Tensor) -> Tensor:
    """Returns the softmax of scores over their last axis.

    `keras.ops.softmax` warns of an axis of one place, as in a source of one token."""
    if scores.shape[-1] == 1:
        return 0 * scores + 1
    return keras.ops.softmax(scores, axis=-1)


@keras.saving.register_keras_serializable(package="rnnzoo")
class DotAttention(keras.layers.Layer):
    """Dot-product attention of queries over encoder outputs.

        a_ts = softmax over s of (Q x_t · K m_s) / sqrt(units)
        c_t  = Σ_s a_ts m_s

    `Q` is the weight `query_kernel`, `K` is `key_kernel`; `m` are the encoder outputs,
    `x` the queries. It carries nothing from step to step.

    Args:
        units: Size in which queries and keys are compared. Positive integer.
        **kwargs: Arguments of every Keras layer, such as `name` and `dtype`.

    Call arguments:
        queries: `(batch, steps, query_dim)`.
        encoder_outputs: `(batch, time, encoder_dim)`.
        mask: Booleans of shape `(batch, time)`, `False` at padding. Every row must
            have a `True`.

    Returns:
        A pair: the contexts `c`, of shape `(batch, steps, encoder_dim)`, and the
        weights `a`, of shape `(batch, steps, time)`, in float32.

    Raises:
        ValueError: If `units` is not a positive integer.

    Example:

    ```python
    import keras
    from rnnzoo.layers import DotAttention

    encoder_outputs = keras.random.normal((2, 5, 8))
    mask = keras.ops.ones((2, 5), "bool")
    queries = keras.random.normal((2, 3, 6))
    contexts, weights = DotAttention(4)(queries, encoder_outputs, mask)
    assert contexts.shape == (2, 3, 8) and weights.shape == (2, 3, 5)
    ```

    References:
        - Luong et al., "Effective Approaches to Attention-based Neural Machine
          Translation", 2015.
    """

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = check_positive("units", units)

    def build(self, queries_shape: Any, encoder_outputs_shape: Any) -> None:
        for name, shape in (
            ("query_kernel", queries_shape),
            ("key_kernel", encoder_outputs_shape),
        ):
            weight = self.add_weight(shape=(shape[-1], self.units), name=name)
            setattr(self, name, weight)
        self.built = True

    def keys(self, encoder_outputs: Tensor) -> Tensor:
        """Returns the keys, which are the same for every step.

        Args:
            encoder_outputs: `(batch, time, encoder_dim)`.

        Returns:
            `(batch, time, units)`.
        """
        return keras.ops.matmul(
            encoder_outputs, keras.ops.cast(self.key_kernel, encoder_outputs.dtype)
        )

    def call(
        self, queries: Tensor, encoder_outputs: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        return self.attend(queries, self.keys(encoder_outputs), encoder_outputs, mask)

    def attend(
        self, queries: Tensor, keys: Tensor, encoder_outputs: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As `call`, with the `keys` of the encoder outputs."""
        ops = keras.ops
        kernel = ops.cast(self.query_kernel, queries.dtype) * self.units**-0.5
        scores = ops.matmul(ops.matmul(queries, kernel), ops.transpose(keys, (0, 2, 1)))
        scores = ops.cast(scores, "float32")  # a softmax wants more than half precision
        scores = ops.where(mask[:, None, :], scores, -1e9)
        weights = attention_weights(scores)  # (batch, steps, time)
        return ops.matmul(
            ops.cast(weights, encoder_outputs.dtype), encoder_outputs
        ), weights

    def compute_output_spec(
        self, queries: Tensor, encoder_outputs: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        # Without it Keras would trace the call.
        batch, steps = queries.shape[:2]
        contexts = (batch, steps, encoder_outputs.shape[-1])
        weights = (batch, steps, encoder_outputs.shape[1])
        return (
            keras.KerasTensor(contexts, self.compute_dtype),
            keras.KerasTensor(weights, "float32"),
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
