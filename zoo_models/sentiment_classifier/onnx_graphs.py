"""`SentimentClassifier` in ONNX: one graph from ids to probabilities."""

import numpy as np

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph
from zoo_models.core.onnx_signals import distance, output_signals, read_words
from zoo_models.core.preprocessor import VOCABULARY_FILE
from zoo_models.core.types import Json
from zoo_models.sentiment_classifier.model import FARTHEST, SentimentClassifier


def build(model: SentimentClassifier, explains: bool = False) -> dict[str, OnnxGraph]:
    """`model`: from `token_ids`, `(batch, time)`, to `probabilities`,
    `(batch, num_classes)`, and `signals`, `(batch, 3, 2)`; and, if it `explains`, to
    the `states` of both directions, `(batch, time, 2 * units)`."""
    graph = OnnxGraph(model.name)
    token_ids = graph.input("token_ids", "int32", ["batch", "time"])
    mask, lengths = nodes.read_mask(graph, token_ids)
    table = nodes.weight(graph, model.get_layer("embedding").embeddings)
    vectors = graph.op("Gather", table, token_ids)
    layers = nodes.readers(model.get_layer("states"))
    states = nodes.both_directions(graph, layers, vectors, lengths)
    features = nodes.pool(graph, states, mask)
    *_, head = model.get_layer("head").layers
    scores = nodes.dense(graph, head, features)
    scores = graph.op("Div", scores, np.float32(model.temperature))
    probabilities = graph.op("Softmax", scores, axis=-1)
    shape = ["batch", len(model.labels)]
    graph.output("probabilities", probabilities, "float32", shape)
    if explains:
        shape = ["batch", "time", 2 * model.units]
        graph.output("states", states, "float32", shape)
    words = read_words(graph, token_ids)
    away = distance(graph, model, nodes.mean(graph, states, mask), FARTHEST)
    output_signals(
        graph,
        [
            (words["nothing"], None),
            (words["unknown"], words["weight"]),
            (away, words["weight"]),
        ],
    )
    return {"model": graph}


def describe(model: SentimentClassifier) -> Json:
    """Returns the settings of the tokenizer."""
    tokenizer = model.preprocessor.tokenizer
    return {"reads": {**tokenizer.describe(), "vocabulary": VOCABULARY_FILE}}
