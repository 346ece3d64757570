"""Signals of confidence as nodes of ONNX graphs: see `zoo_models.core.confidence`."""

import keras
import numpy as np

from rnnzoo.export.onnx_graph import OnnxGraph
from rnnzoo.text import END_ID, PAD_ID, UNKNOWN_ID
from zoo_models.core.confidence import FARTHEST, PRIOR, STEEPNESS
from zoo_models.core.types import Json


def output_signals(graph: OnnxGraph, signals: list[tuple[str, str | None]]) -> None:
    """Makes values and weights, each of shape `(batch,)`, the output `signals`, of
    shape `(batch, signals, 2)`. A weight of `None` is 1."""
    rows = []
    for value, weight in signals:
        if weight is None:
            zero = graph.op("Mul", value, np.float32(0))
            weight = graph.op("Add", zero, np.float32(1))
        pair = graph.concat([graph.expand(value, -1), graph.expand(weight, -1)])
        rows.append(graph.expand(pair, 1))
    values = graph.op("Concat", *rows, axis=1)
    graph.output("signals", values, "float32", ["batch", len(signals), 2])


def count(graph: OnnxGraph, is_it: str) -> str:
    """Returns the number of true values in each row, as floats."""
    return graph.reduce("Sum", graph.cast(is_it, "float32"), 1)


def read_words(graph: OnnxGraph, token_ids: str) -> Json:
    """Returns the signals of the ids of texts, each `(batch,)`: whether `nothing` is
    known, the share of `unknown` words, the `weight` of a mean over the words, and
    their number, at least 1, as `several`."""
    special = [np.int32(PAD_ID), np.int32(END_ID)]
    is_special = graph.op("Or", *(graph.op("Equal", token_ids, i) for i in special))
    number = count(graph, graph.op("Not", is_special))
    unknown = count(graph, graph.op("Equal", token_ids, np.int32(UNKNOWN_ID)))
    several = graph.op("Max", number, np.float32(1))
    total = graph.op("Add", number, np.float32(PRIOR))
    return {
        "nothing": graph.cast(graph.op("GreaterOrEqual", unknown, number), "float32"),
        "unknown": graph.op("Div", unknown, several),
        "weight": graph.op("Div", number, total),
        "several": several,
    }


def distance(
    graph: OnnxGraph, model: keras.Model, pooled: str, farthest: int | None = None
) -> str:
    """Returns the nodes of `zoo_models.core.confidence.Calibration.distance`."""
    known = model.calibration
    if known is None or not len(known.center):
        return graph.op("Mul", graph.reduce("Sum", pooled, 1), np.float32(0))
    off = graph.op("Sub", pooled, np.array(known.center, "float32"))
    off = graph.op("Div", off, np.array(known.spread, "float32"))
    off = graph.op("Clip", off, np.float32(-FARTHEST), np.float32(FARTHEST))
    squares = graph.op("Mul", off, off)
    if farthest is not None:
        size = np.array([min(farthest, len(known.center))], "int64")
        squares, _ = graph.op("TopK", squares, size, outputs=2)
    return graph.reduce("Mean", squares, 1)


def describe_signals(model: keras.Model) -> Json:
    """Returns the settings of the confidence for `rnnzoo.onnx.Runner`, for JSON."""
    if model.calibration is None:
        return {}
    known = model.calibration.to_json()
    # The graph contains the mean and the spread of the states.
    kept = {key: known[key] for key in ("unsure_below", "ranges")}
    warnings = {signal.name: signal.warning for signal in model.confidence.signals}
    rules = {**kept, "steepness": STEEPNESS, "prior": PRIOR, "warnings": warnings}
    return {"confidence": rules}
