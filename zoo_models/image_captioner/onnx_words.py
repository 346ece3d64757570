"""Words of the encoder's classifier as nodes of ONNX graphs: see `CopyingDecoder`."""

from typing import Any

import numpy as np

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph
from rnnzoo.text import PAD_ID
from zoo_models.core.onnx_decoder import TokenNodes
from zoo_models.image_captioner.class_reader import FLOOR, FORMS
from zoo_models.image_captioner.copying_decoder import LEAST, NEVER
from zoo_models.image_captioner.model import ImageCaptioner


def add_words(
    graph: OnnxGraph,
    model: ImageCaptioner,
    features: str,
    outputs: str,
    mask: str,
) -> tuple[str, str]:
    """Returns the encoder outputs and their mask with the words in them.

    What the pointer needs of them becomes outputs: `word_ids`, `(batch, words)`,
    `word_keys`, `(batch, words, size)`, and `word_scores`, `(batch, words)`.
    """
    head, grid = model.class_head, model.grid
    decoder: Any = model.attention_decoder  # a CopyingDecoder
    assert head is not None, "a copying captioner has a class head"
    seen = graph.reduce("Mean", features, 1)
    logits = graph.op("MatMul", seen, nodes.weight(graph, head.kernel))
    logits = graph.op("Add", logits, nodes.weight(graph, head.bias))
    probable = graph.op("Softmax", logits, axis=-1)
    probable = graph.op("Relu", graph.op("Sub", probable, np.float32(FLOOR)))
    # Which class has which word; a place beyond the last is that of no word.
    depth = np.array(head.fold.shape[1], "int64")
    places = np.where(head.fold.any(axis=1), head.fold.argmax(axis=1), depth)
    fold = graph.op("OneHot", places, depth, np.array([0.0, 1.0], "float32"))
    probable = graph.op("MatMul", probable, fold)
    number = np.array([head.num_words], "int64")
    probable, order = graph.op("TopK", probable, number, outputs=2)
    ids = graph.op("Gather", head.forms, order)
    is_seen = graph.op("Greater", probable, np.float32(0))
    ids = graph.op("Where", graph.expand(is_seen, -1), ids, np.int32(PAD_ID))
    ids = graph.reshape(ids, [0, -1])
    logs = graph.op("Log", graph.op("Add", probable, np.float32(1e-6)))
    # Each form of a word is as probable: (batch, words, 1) to (batch, 2 * words).
    pairs = graph.op("Tile", graph.expand(logs, -1), np.array([1, 1, FORMS], "int64"))
    logs = graph.reshape(pairs, [0, -1])
    is_word = graph.op("Not", graph.op("Equal", ids, np.int32(PAD_ID)))

    table = nodes.weight(graph, decoder.embed.embeddings)
    entries = _embed_ids(graph, decoder, table, ids)
    x = graph.concat([entries, graph.expand(logs, -1)])
    named = nodes.normalize(
        graph, grid.word_norm, nodes.dense(graph, grid.project_words, x)
    )

    point = decoder.point
    keys = graph.op("MatMul", entries, nodes.weight(graph, point.key_kernel))
    scores = graph.op("Mul", logs, nodes.weight(graph, point.log_weight))
    scores = graph.op("Where", is_word, scores, np.float32(NEVER))
    for name, value in {"ids": ids, "keys": keys, "scores": scores}.items():
        dtype, shape = CopyingTokenNodes(model).inputs()[f"word_{name}"]
        graph.output(f"word_{name}", value, dtype, shape)
    outputs = graph.op("Concat", outputs, named, axis=1)
    return outputs, graph.op("Concat", mask, is_word, axis=1)


class CopyingTokenNodes(TokenNodes):
    """A step of a `CopyingDecoder`."""

    def inputs(self) -> dict[str, tuple[str, list[Any]]]:
        words = FORMS * self.model.class_head.num_words
        return {
            "word_ids": ("int32", ["batch", words]),
            "word_keys": ("float32", ["batch", words, self.decoder.point.units]),
            "word_scores": ("float32", ["batch", words]),
        }

    def embed_ids(self, graph: OnnxGraph, table: str, token_ids: str) -> str:
        return _embed_ids(graph, self.decoder, table, token_ids)

    def score(
        self, graph: OnnxGraph, table: str, features: str, given: dict[str, str]
    ) -> str:
        logits = super().score(graph, table, features, given)
        return _point(graph, self.decoder.point, features, logits, given)


def _embed_ids(graph: OnnxGraph, decoder: Any, table: str, ids: str) -> str:
    """What `CopyingDecoder.embed_ids` gives where no word is hidden."""
    naming = decoder.naming
    own = nodes.embed_tied(graph, decoder.embed, table, ids)
    kept = graph.op("Gather", (~naming.is_rare).astype("float32"), ids)
    own = graph.op("Mul", own, graph.expand(kept, -1))
    kinds = np.array(naming.table, "float32")
    kinds[0] = 0.0
    added = graph.op("Gather", kinds, graph.op("Gather", naming.what, ids))
    return graph.op("Add", own, added)


def _point(
    graph: OnnxGraph, point: Any, features: str, logits: str, given: dict[str, str]
) -> str:
    """What `Pointer` gives for a step: log-probabilities, `(rows, vocabulary_size)`."""
    rare = NEVER * point.is_rare
    own = graph.op("Softmax", graph.op("Add", logits, rare), axis=-1)
    first = graph.op("MatMul", features, nodes.weight(graph, point.vocabulary_kernel))
    first = graph.op("Add", first, nodes.weight(graph, point.vocabulary_bias))
    kernel = nodes.weight(graph, point.query_kernel)
    kernel = graph.op("Mul", kernel, np.float32(point.units**-0.5))
    size = graph.op("Shape", given["word_ids"])
    batch = graph.op("Gather", size, np.array([0]))

    def together(x: str, width: int) -> str:
        """The rows of an image side by side."""
        shape = graph.op("Concat", batch, np.array([-1, width]), axis=0)
        return graph.op("Reshape", x, shape)

    queries = together(graph.op("MatMul", features, kernel), point.units)
    keys = graph.op("Transpose", given["word_keys"], perm=[0, 2, 1])
    scores = graph.op("MatMul", queries, keys)
    scores = graph.op("Add", scores, graph.expand(given["word_scores"], 1))
    both = graph.op("Concat", together(first, 1), scores, axis=-1)
    shares = graph.op("Softmax", both, axis=-1)
    words = np.array([1, np.iinfo("int64").max], "int64")
    axis = np.array([2], "int64")
    copied = graph.op("Slice", shares, words[:1], words[1:], axis)
    vocabulary_size = len(point.is_rare)
    onehot = graph.op(
        "OneHot",
        graph.cast(given["word_ids"], "int64"),
        np.array(vocabulary_size, "int64"),
        np.array([0.0, 1.0], "float32"),
    )
    copied = graph.op("MatMul", copied, onehot)
    share = graph.op("Slice", shares, np.array([0]), words[:1], axis)
    mixed = graph.op("Mul", share, together(own, vocabulary_size))
    mixed = graph.op("Add", graph.op("Add", mixed, copied), np.float32(LEAST))
    return graph.reshape(graph.op("Log", mixed), [-1, vocabulary_size])
