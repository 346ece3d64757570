"""The decoder that captioner and translator share, as ONNX graphs."""

import keras
import numpy as np

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph
from zoo_models.core.attention_decoder import AttentionDecoder


def output_encoder(
    graph: OnnxGraph, model: keras.Model, outputs: str, mask: str, summary: str
) -> None:
    """Declares what the decoder needs as the outputs of an encoder graph.

    These are `memory`, the encoder outputs, `(batch, places, size)`; their `mask`;
    `keys_1` and `keys_2` of the attentions; and the first states, `state_1` and
    `state_2`, from a `summary`, `(batch, size)`.
    """
    decoder = model.attention_decoder
    shapes = _shapes(decoder)
    values = {"memory": outputs, "mask": mask}
    for i, attention in enumerate(decoder.attentions, 1):
        kernel = nodes.weight(graph, attention.key_kernel)
        values[f"keys_{i}"] = graph.op("MatMul", outputs, kernel)
    for i, layer in enumerate(decoder.first_states, 1):
        values[f"state_{i}"] = nodes.dense(graph, layer, summary)
    for name, value in values.items():
        shape = ["batch", *shapes[name][1:]]
        graph.output(name, value, "bool" if name == "mask" else "float32", shape)


class TokenNodes:
    """The nodes before and after the recurrence of a step: embeddings and scores."""

    def __init__(self, model: keras.Model):
        self.model, self.decoder = model, model.attention_decoder

    def inputs(self) -> dict[str, tuple[str, list[str | int]]]:
        """Returns type and shape of more inputs from the encoder, by name."""
        return {}

    def embed_ids(self, graph: OnnxGraph, table: str, token_ids: str) -> str:
        """Returns the embeddings of ids, `(rows, embedding_dim)`."""
        return nodes.embed_tied(graph, self.decoder.embed, table, token_ids)

    def score(
        self, graph: OnnxGraph, table: str, features: str, given: dict[str, str]
    ) -> str:
        """Returns the scores of the next ids, `(rows, vocabulary_size)`."""
        return nodes.score_tied(graph, self.decoder.embed, table, features)


def build_decoder(
    model: keras.Model,
    vocabulary_size: int,
    tokens: TokenNodes | None = None,
    explains: bool = False,
) -> OnnxGraph:
    """Returns the graph of one step.

    It takes `token_ids`, the last ids, `(rows,)`, with as many rows for each example as
    there are hypotheses, one after another; `state_1` and `state_2`, `(rows, units)`;
    and the other outputs of the encoder, a row for each example. It outputs `logits`,
    `(rows, vocabulary_size)`, `next_state_1` and `next_state_2`; and, if it `explains`,
    the second `attention`, `(rows, places)`.
    """
    decoder = model.attention_decoder
    tokens = tokens or TokenNodes(model)
    shapes = _shapes(decoder)
    graph = OnnxGraph(f"{model.name}_decoder")
    token_ids = graph.input("token_ids", "int32", ["rows"])
    given = {
        name: graph.input(name, "bool" if name == "mask" else "float32", shape)
        for name, shape in shapes.items()
    }
    for name, (dtype, shape) in tokens.inputs().items():
        given[name] = graph.input(name, dtype, shape)
    table = nodes.weight(graph, decoder.embed.embeddings)
    x = tokens.embed_ids(graph, table, token_ids)
    size = graph.op("Shape", given["memory"])
    batch = graph.op("Gather", size, np.array([0]))
    after = []

    def recur(i: int, inputs: str) -> str:
        before = given[f"state_{i}"]
        steps = graph.expand(inputs, 1)
        state = nodes.elman_last(graph, decoder.layers[i - 1], steps, before)
        after.append(state)
        return state

    size_of_outputs = decoder.attentions[0].key_kernel.shape[0]

    def attend(i: int, queries: str) -> tuple[str, str]:
        # Hypotheses of an example attend side by side.
        shape = graph.op(
            "Concat", batch, np.array([-1, decoder.layers[0].units]), axis=0
        )
        contexts, weights = nodes.attend(
            graph,
            decoder.attentions[i - 1],
            graph.op("Reshape", queries, shape),
            given[f"keys_{i}"],
            given["memory"],
            given["mask"],
        )
        return graph.reshape(contexts, [-1, size_of_outputs]), weights

    y = graph.op("Add", nodes.dense(graph, decoder.skip, x), recur(1, x))
    y = nodes.normalize(graph, decoder.norms[0], y)
    context, _ = attend(1, y)
    inputs = graph.concat([y, context, x])
    y = nodes.normalize(graph, decoder.norms[1], graph.op("Add", y, recur(2, inputs)))
    context, weights = attend(2, y)
    features = nodes.dense(graph, decoder.features, graph.concat([y, context, x]))
    logits = tokens.score(graph, table, features, given)
    graph.output("logits", logits, "float32", ["rows", vocabulary_size])
    for i, state in enumerate(after, 1):
        graph.output(f"next_state_{i}", state, "float32", shapes[f"state_{i}"])
    if explains:
        # (batch, hypotheses, places) to (rows, places)
        places = graph.op("Gather", size, np.array([1]))
        shape = graph.op("Concat", np.array([-1]), places, axis=0)
        weights = graph.op("Reshape", weights, shape)
        graph.output("attention", weights, "float32", ["rows", "places"])
    return graph


def _shapes(decoder: AttentionDecoder) -> dict[str, list[str | int]]:
    """Returns the shapes of the decoder's inputs but the ids."""
    outputs = ["batch", "places", decoder.attentions[0].key_kernel.shape[0]]
    keys = ["batch", "places", decoder.attentions[0].units]
    state = ["rows", decoder.layers[0].units]
    return {
        "memory": outputs,
        "mask": outputs[:2],
        "keys_1": keys,
        "keys_2": keys,
        "state_1": state,
        "state_2": state,
    }
