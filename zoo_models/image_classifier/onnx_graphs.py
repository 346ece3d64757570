"""`ImageClassifier` in ONNX: one graph from pixels to probabilities."""

import math

import numpy as np

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph
from zoo_models.core.onnx_signals import distance, output_signals
from zoo_models.core.types import Json
from zoo_models.image_classifier.model import DARKEST, DRAWN, ImageClassifier


def build(model: ImageClassifier, explains: bool = False) -> dict[str, OnnxGraph]:
    """`model`: from `pixels`, `(batch, height, width, channels)`, to `probabilities`,
    `(batch, num_classes)`, and `signals`, `(batch, 4, 2)`; and, if it `explains`, to
    the `states` of the last layer, `(batch, steps, size)`."""
    graph = OnnxGraph(model.name)
    pixels = graph.input("pixels", "float32", ["batch", *model.image_shape])
    size = math.prod(model.image_shape)
    num_steps = model.image_shape[0] if model.read == "rows" else 1
    states = graph.reshape(pixels, [0, num_steps, size // num_steps])
    for i in range(1, len(model.units) + 1):
        if num_steps == 1:
            states = nodes.elman_states(graph, model.get_layer(f"elman_{i}"), states)
        else:
            layers = nodes.readers(model.get_layer(f"states_{i}"))
            states = nodes.both_directions(graph, layers, states)
    features = graph.reshape(states, [0, -1])
    probabilities = nodes.dense(graph, model.get_layer("head"), features)
    shape = ["batch", len(model.labels)]
    graph.output("probabilities", probabilities, "float32", shape)
    if explains:
        size_of_states = model.units[-1] * (1 if num_steps == 1 else 2)
        shape = ["batch", num_steps, size_of_states]
        graph.output("states", states, "float32", shape)
    margin = _margin(graph, probabilities), None
    if model.is_ink:
        output_signals(graph, [*_ink_signals(graph, pixels), margin])
    else:
        pooled = graph.reduce("Mean", states, 1)
        away = distance(graph, model, pooled), None
        output_signals(graph, [*_object_signals(graph, pixels, size), away, margin])
    return {"model": graph}


def describe(model: ImageClassifier) -> Json:
    """Returns the settings of the image preprocessor."""
    return {"reads": model.preprocessor.images.describe()}


def _margin(graph: OnnxGraph, probabilities: str) -> str:
    """How far the best label stands out, `(batch,)`."""
    best, _ = graph.op("TopK", probabilities, np.array([2]), outputs=2)
    logs = graph.op("Log", graph.op("Add", best, np.float32(1e-6)))
    difference = graph.op("Mul", logs, np.array([1, -1], "float32"))
    return graph.reduce("Sum", difference, 1)


def _ink_signals(graph: OnnxGraph, pixels: str) -> list[tuple[str, None]]:
    """Whether there is no ink, how much there is, and how high it is."""
    ink = graph.reduce("Max", pixels, 3)  # (batch, height, width)
    of_rows = graph.reduce("Max", ink, 2)
    nothing = graph.op("LessOrEqual", graph.reduce("Max", of_rows, 1), np.float32(0))
    mean = graph.reduce("Mean", graph.reduce("Mean", ink, 2), 1)
    rows = graph.cast(graph.op("Greater", of_rows, np.float32(DRAWN)), "float32")
    high = graph.reduce("Mean", rows, 1)
    return [(graph.cast(nothing, "float32"), None), (mean, None), (high, None)]


def _object_signals(graph: OnnxGraph, pixels: str, size: int) -> list[tuple[str, None]]:
    """The logarithms of the border's brightness, and of the roughness."""

    def part(axis: int, start: int, end: int) -> str:
        bounds = ([start], [end], [axis])
        return graph.op("Slice", pixels, *(np.array(b, "int64") for b in bounds))

    def total(kind: str, value: str) -> str:
        return graph.reduce(kind, graph.reshape(value, [0, -1]), 1)

    def logarithm(value: str, factor: float) -> str:
        value = graph.op("Mul", value, np.float32(factor))
        return graph.op("Log", graph.op("Add", value, np.float32(DARKEST)))

    last = np.iinfo("int64").max
    sides = [part(axis, *ends) for axis in (1, 2) for ends in ((0, 1), (-1, last))]
    border = graph.op("Sum", *(total("Mean", side) for side in sides))
    steps = [graph.op("Sub", part(axis, 1, last), part(axis, 0, -1)) for axis in (1, 2)]
    rough = graph.op("Sum", *(total("Sum", graph.op("Abs", step)) for step in steps))
    return [(logarithm(border, 0.25), None), (logarithm(rough, 0.5 / size), None)]
