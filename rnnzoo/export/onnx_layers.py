"""Keras layers as nodes of ONNX graphs.

Each function takes the graph, the layer and names of values, and returns such names.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from rnnzoo.export.onnx_graph import OnnxGraph
from rnnzoo.layers import Elman

# Activations in ONNX, alone and in `RNN`.
ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid"}
LINEAR: dict[str, list[Any]] = {"activations": ["Affine"], "activation_alpha": [1.0]}


def weight(graph: OnnxGraph, variable: Any) -> str:
    """Adds a variable, in float32."""
    return graph.constant(_array(variable), variable.path)


def dense(graph: OnnxGraph, layer: keras.layers.Dense, x: str) -> str:
    """`keras.layers.Dense`, with tanh, softmax or no activation."""
    y = graph.op("MatMul", x, weight(graph, layer.kernel))
    if layer.use_bias:
        y = graph.op("Add", y, weight(graph, layer.bias))
    name = layer.activation.__name__
    if name == "softmax":
        return graph.op("Softmax", y, axis=-1)
    if name == "linear":
        return y
    return graph.op(_check_activation(layer), y)


def normalize(graph: OnnxGraph, layer: Any, x: str) -> str:
    """`keras.layers.LayerNormalization` over the last axis."""
    return graph.op(
        "LayerNormalization",
        x,
        weight(graph, layer.gamma),
        weight(graph, layer.beta),
        axis=-1,
        epsilon=layer.epsilon,
    )


def elman_states(graph: OnnxGraph, layer: Elman, x: str, lengths: str = "") -> str:
    """Returns the states of an Elman layer, by the operator `RNN`.

    Args:
        graph: The graph.
        layer: The layer, forwards or backwards.
        x: `(batch, time, input_dim)`.
        lengths: Positive length of each row, int32 of shape `(batch,)`. Later states
            have no meaning. Default: the whole row.

    Returns:
        The states, `(batch, time, units)`, in the order of time.

    Raises:
        ValueError: If the layer is no `Elman`, or `RNN` lacks its activation.
    """
    # `RNN` can go backwards and stop at lengths, but OpenVINO does so wrongly with
    # dynamic shapes.
    backwards = (-1, np.iinfo("int64").min, 0, -1)  # from, to, axis, stride

    def turned(y: str) -> str:
        """Reverses the valid steps of `(time, batch, …)`."""
        if not layer.go_backwards:
            return y
        if not lengths:
            return graph.op("Slice", y, *(np.array([n], "int64") for n in backwards))
        size = graph.cast(lengths, "int64")
        return graph.op("ReverseSequence", y, size, time_axis=0, batch_axis=1)

    x = graph.op("Transpose", x, perm=[1, 0, 2])
    states, _ = _run(graph, layer, turned(x))
    return graph.op("Transpose", turned(states), perm=[1, 0, 2])


def elman_last(
    graph: OnnxGraph, layer: Elman, x: str, initial_state: str, lengths: str = ""
) -> str:
    """Returns the last state, `(batch, units)`, of a forward Elman layer.

    Args:
        graph: The graph.
        layer: The layer.
        x: `(batch, time, input_dim)`.
        initial_state: `(batch, units)`, also the result for a row of length 0.
        lengths: As in `elman_states`; may be 0.
    """
    x = graph.op("Transpose", x, perm=[1, 0, 2])
    states, last = _run(graph, layer, x, initial_state)
    if not lengths:
        return last
    first = graph.expand(initial_state, 1)
    states = graph.op("Transpose", states, perm=[1, 0, 2])
    states = graph.op("Concat", first, states, axis=1)
    place = graph.expand(graph.cast(lengths, "int64"), -1)
    return graph.op("GatherND", states, place, batch_dims=1)


def _run(
    graph: OnnxGraph, layer: Any, x: str, initial_state: str = ""
) -> tuple[str, str]:
    """Returns states, `(time, batch, units)`, and the last one for time-major `x`."""
    if not isinstance(layer, Elman):
        raise ValueError(
            "ONNX's operator RNN takes the place of `rnnzoo.layers.Elman`. Received: "
            f"{layer.name}, a {type(layer).__name__}"
        )
    cell, name = layer.cell, layer.name
    # ONNX has a second bias, for the states: it is zero.
    bias = np.zeros((1, 2 * cell.units), "float32")
    if cell.bias is not None:
        bias[0, : cell.units] = _array(cell.bias)
    settings = LINEAR
    if cell.activation.__name__ != "linear":
        settings = {"activations": [_check_activation(cell)]}
    states, last = graph.op(
        "RNN",
        x,
        graph.constant(_array(cell.kernel).T[None], f"{name}/kernel"),
        graph.constant(_array(cell.recurrent_kernel).T[None], f"{name}/recurrent"),
        graph.constant(bias, f"{name}/bias"),
        "",
        graph.expand(initial_state, 0) if initial_state else "",
        outputs=2,
        hidden_size=cell.units,
        **settings,
    )
    # Drop the axis of directions.
    one, zero = np.array([1], "int64"), np.array([0], "int64")
    return graph.op("Squeeze", states, one), graph.op("Squeeze", last, zero)


def both_directions(
    graph: OnnxGraph, layers: Sequence[Elman], x: str, lengths: str = ""
) -> str:
    """Concatenates the states of two layers: see `elman_states`."""
    return graph.concat([elman_states(graph, each, x, lengths) for each in layers])


def readers(wrapper: keras.layers.Bidirectional) -> list[Elman]:
    """Returns the forward and the backward layer."""
    return [wrapper.forward_layer, wrapper.backward_layer]


def pool(graph: OnnxGraph, states: str, mask: str) -> str:
    """`rnnzoo.layers.StatePooling`, for right-padded states."""
    column = graph.expand(mask, -1)
    lowest = np.float32(-1e4)
    highest = graph.reduce("Max", graph.op("Where", column, states, lowest), 1)
    return graph.concat([highest, mean(graph, states, mask)])


def mean(graph: OnnxGraph, values: str, mask: str) -> str:
    """Returns the masked mean over time: `(batch, size)`."""
    weights = graph.cast(graph.expand(mask, -1), "float32")
    total = graph.reduce("Sum", graph.op("Mul", values, weights), 1)
    return graph.op("Div", total, graph.reduce("Sum", weights, 1))


def read_mask(graph: OnnxGraph, token_ids: str) -> tuple[str, str]:
    """Returns the mask of ids, `(batch, time)`, and lengths, int32 of `(batch,)`."""
    mask = graph.op("Not", graph.op("Equal", token_ids, np.int32(0)))
    return mask, graph.reduce("Sum", graph.cast(mask, "int32"), 1)


def convolve(graph: OnnxGraph, layer: Any, x: str) -> str:
    """`keras.layers.Conv2D` or `DepthwiseConv2D` with a bias, padding `"same"` or a
    kernel of one pixel, and channels first: `(batch, channels, height, width)`."""
    kernel, groups = _array(layer.kernel), 1
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        kernel, groups = kernel.transpose(0, 1, 3, 2), kernel.shape[2]
    return graph.op(
        "Conv",
        x,
        graph.constant(kernel.transpose(3, 2, 0, 1), layer.kernel.path),
        weight(graph, layer.bias),
        strides=list(layer.strides),
        group=groups,
        auto_pad="SAME_UPPER",
    )


def embed_tied(graph: OnnxGraph, layer: Any, table: str, token_ids: str) -> str:
    """`rnnzoo.layers.TiedEmbedding.call`; `table` is its `weight`."""
    rows = graph.op("Gather", table, token_ids)
    return graph.op("Mul", rows, np.float32(layer.embedding_dim**0.5))


def score_tied(graph: OnnxGraph, layer: Any, table: str, features: str) -> str:
    """The logits of `rnnzoo.layers.TiedEmbedding` for features of rank 2."""
    return graph.op("Gemm", features, table, weight(graph, layer.bias), transB=1)


def attend(
    graph: OnnxGraph,
    layer: Any,
    queries: str,
    keys: str,
    values: str,
    mask: str,
) -> tuple[str, str]:
    """Returns the contexts of `rnnzoo.layers.DotAttention`, and the weights."""
    kernel = weight(graph, layer.query_kernel)
    kernel = graph.op("Mul", kernel, np.float32(layer.units**-0.5))
    asked = graph.op("MatMul", queries, kernel)
    scores = graph.op("MatMul", asked, graph.op("Transpose", keys, perm=[0, 2, 1]))
    scores = graph.op("Where", graph.expand(mask, 1), scores, np.float32(-1e9))
    weights = graph.op("Softmax", scores, axis=-1)
    return graph.op("MatMul", weights, values), weights


def _array(variable: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(variable).astype("float32")


def _check_activation(layer: Any) -> str:
    name = getattr(layer.activation, "__name__", str(layer.activation))
    if name not in ACTIVATIONS:
        raise ValueError(
            f"ONNX takes the activations {[*ACTIVATIONS]} and linear. Received: "
            f"{layer.name} with {name!r}"
        )
    return ACTIVATIONS[name]
