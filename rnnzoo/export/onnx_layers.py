"""Layers as nodes of ONNX graphs, with the weights that they have.

Each function takes the graph, the layer and names of values, and returns such names.
Shapes and equations are those of the layers.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from rnnzoo.export.onnx_graph import OnnxGraph
from rnnzoo.layers import Elman, ElmanCell

# What activations are called in ONNX, alone and within `RNN`.
ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid"}
LINEAR: dict[str, list[Any]] = {"activations": ["Affine"], "activation_alpha": [1.0]}


def weight(graph: OnnxGraph, variable: Any) -> str:
    """The value of a variable, in float32."""
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


def elman(
    graph: OnnxGraph,
    layers: Sequence[Elman],
    x: str,
    lengths: str = "",
    initial_state: str = "",
) -> tuple[str, str]:
    """Elman layers that read a sequence side by side, as one operator `RNN`.

    Args:
        graph: The graph.
        layers: One layer, or one that reads forwards and one that reads backwards.
        x: `(batch, time, input_dim)`.
        lengths: Steps of each row that count, int32 of shape `(batch,)`. States after
            them are zeros. Default: all count.
        initial_state: `(batch, units)`, for one layer alone. Default: zeros.

    Returns:
        The states, `(batch, time, units * layers)`, in the order of time, and the last
        ones that were read, `(batch, units * layers)`.

    Raises:
        ValueError: If a layer is no `Elman`, or has an activation that `RNN` does not
            know.
    """
    cells = [_check_cell(layer) for layer in layers]
    kernels = np.stack([_array(c.kernel).T for c in cells])
    recurrent = np.stack([_array(c.recurrent_kernel).T for c in cells])
    # Of two biases, one of the inputs and one of the states, the second is zero.
    biases = np.zeros((len(cells), 2 * cells[0].units), "float32")
    for row, cell in zip(biases, cells, strict=True):
        if cell.bias is not None:
            row[: cell.units] = _array(cell.bias)
    state = graph.expand(initial_state, 0) if initial_state else ""
    directions = {1: "forward", 2: "bidirectional"}
    is_back = len(layers) == 1 and layers[0].go_backwards
    states, last = graph.op(
        "RNN",
        graph.op("Transpose", x, perm=[1, 0, 2]),
        graph.constant(kernels, f"{layers[0].name}/kernel"),
        graph.constant(recurrent, f"{layers[0].name}/recurrent_kernel"),
        graph.constant(biases, f"{layers[0].name}/bias"),
        lengths,
        state,
        outputs=2,
        hidden_size=cells[0].units,
        direction="reverse" if is_back else directions[len(layers)],
        **_activations(cells),
    )
    # (time, directions, batch, units), and the last ones without the first axis
    states = graph.op("Transpose", states, perm=[2, 0, 1, 3])
    last = graph.op("Transpose", last, perm=[1, 0, 2])
    return graph.reshape(states, [0, 0, -1]), graph.reshape(last, [0, -1])


def both_directions(
    graph: OnnxGraph, wrapper: keras.layers.Bidirectional, x: str, lengths: str = ""
) -> str:
    """`keras.layers.Bidirectional` of an `Elman` that returns sequences."""
    layers = [wrapper.forward_layer, wrapper.backward_layer]
    return elman(graph, layers, x, lengths)[0]


def pool(graph: OnnxGraph, states: str, mask: str) -> str:
    """`rnnzoo.layers.StatePooling`, of states after which the mask is false."""
    column = graph.expand(mask, -1)
    lowest = np.float32(-1e4)
    highest = graph.reduce("Max", graph.op("Where", column, states, lowest), 1)
    return graph.concat([highest, mean(graph, states, mask)])


def mean(graph: OnnxGraph, values: str, mask: str) -> str:
    """The mean of the steps that count: `(batch, size)` of `(batch, time, size)`."""
    weights = graph.cast(graph.expand(mask, -1), "float32")
    total = graph.reduce("Sum", graph.op("Mul", values, weights), 1)
    return graph.op("Div", total, graph.reduce("Sum", weights, 1))


def read_mask(graph: OnnxGraph, token_ids: str) -> tuple[str, str]:
    """Which ids are no padding, `(batch, time)`, and how many, int32 of `(batch,)`."""
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
    """The embeddings of a `rnnzoo.layers.TiedEmbedding`; `table` is its `weight`."""
    rows = graph.op("Gather", table, token_ids)
    return graph.op("Mul", rows, np.float32(layer.embedding_dim**0.5))


def score_tied(graph: OnnxGraph, layer: Any, table: str, features: str) -> str:
    """The scores of a `rnnzoo.layers.TiedEmbedding` for features of rank 2."""
    return graph.op("Gemm", features, table, weight(graph, layer.bias), transB=1)


def attend(
    graph: OnnxGraph, layer: Any, queries: str, keys: str, memory: str, mask: str
) -> str:
    """The contexts that `rnnzoo.layers.DotAttention.read` finds."""
    kernel = weight(graph, layer.query_kernel)
    kernel = graph.op("Mul", kernel, np.float32(layer.units**-0.5))
    asked = graph.op("MatMul", queries, kernel)
    scores = graph.op("MatMul", asked, graph.op("Transpose", keys, perm=[0, 2, 1]))
    scores = graph.op("Where", graph.expand(mask, 1), scores, np.float32(-1e9))
    return graph.op("MatMul", graph.op("Softmax", scores, axis=-1), memory)


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


def _activations(cells: Sequence[ElmanCell]) -> dict[str, Any]:
    if cells[0].activation.__name__ == "linear":
        count = len(cells)
        return {key: value * count for key, value in LINEAR.items()}
    return {"activations": [_check_activation(cell) for cell in cells]}


def _check_cell(layer: Any) -> ElmanCell:
    if not isinstance(layer, Elman):
        raise ValueError(
            "ONNX's operator RNN takes the place of `rnnzoo.layers.Elman`. Received: "
            f"{layer.name}, a {type(layer).__name__}"
        )
    return layer.cell
