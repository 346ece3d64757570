"""`ImageClassifier` in ONNX: one graph from pixels to probabilities."""

import math
from typing import Any

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph


def build(model: Any) -> dict[str, OnnxGraph]:
    """`model`: from `pixels`, `(batch, height, width, channels)`, to `probabilities`,
    `(batch, num_classes)`."""
    graph = OnnxGraph(model.name)
    pixels = graph.input("pixels", "float32", ["batch", *model.image_shape])
    size = math.prod(model.image_shape)
    num_steps = model.image_shape[0] if model.read == "rows" else 1
    states = graph.reshape(pixels, [0, num_steps, size // num_steps])
    for i in range(1, len(model.units) + 1):
        if num_steps == 1:
            states, _ = nodes.elman(graph, [model.get_layer(f"elman_{i}")], states)
        else:
            reader = model.get_layer(f"states_{i}")
            states = nodes.both_directions(graph, reader, states)
    features = graph.reshape(states, [0, -1])
    probabilities = nodes.dense(graph, model.get_layer("head"), features)
    shape = ["batch", len(model.labels)]
    graph.output("probabilities", probabilities, "float32", shape)
    return {"model": graph}


def describe(model: Any) -> dict[str, Any]:
    """What reads its images."""
    return {"reads": model.preprocessor.images.describe()}
