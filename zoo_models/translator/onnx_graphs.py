"""`Translator` in ONNX: a graph of the encoder, and one of a decoder step."""

from typing import Any

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph
from rnnzoo.text import describe_sentences
from zoo_models.core.onnx_decoder import build_decoder, output_encoder
from zoo_models.core.onnx_signals import output_signals, read_words
from zoo_models.core.types import Json
from zoo_models.translator.model import Translator
from zoo_models.translator.preprocessor import SOURCE_FILE, TARGET_FILE


def build(model: Translator, explains: bool = False) -> dict[str, OnnxGraph]:
    """`encoder_model`, from `source_ids`, `(batch, time)`, 0 as right padding, to what
    `decoder_model` takes: see `zoo_models.core.onnx_decoder`. Its `signals`,
    `(batch, 3, 2)`, lack the score, which comes last.
    `decoder_model` gives the attention, too, if it `explains`."""
    encoder = model.source_encoder
    graph = OnnxGraph(f"{model.name}_encoder")
    source_ids = graph.input("source_ids", "int32", ["batch", "places"])
    mask, lengths = nodes.read_mask(graph, source_ids)
    table = nodes.weight(graph, encoder.embed.embeddings)
    x = graph.op("Gather", table, source_ids)

    def both_ways(i: int, x: str) -> str:
        layers = encoder.forwards[i], encoder.backwards[i]
        return nodes.both_directions(graph, layers, x, lengths)

    x = graph.op("Add", nodes.dense(graph, encoder.skip, x), both_ways(0, x))
    x = nodes.normalize(graph, encoder.norms[0], x)
    x = graph.op("Add", x, both_ways(1, x))
    outputs = nodes.normalize(graph, encoder.norms[1], x)
    output_encoder(graph, model, outputs, mask, nodes.mean(graph, outputs, mask))
    words = read_words(graph, source_ids)
    letters = graph.op("Gather", graph.constant(model.letters()), source_ids)
    each = graph.op("Div", graph.reduce("Sum", letters, 1), words["several"])
    output_signals(
        graph,
        [
            (words["nothing"], None),
            (words["unknown"], words["weight"]),
            (each, words["weight"]),
        ],
    )
    decoder = build_decoder(model, model.target_vocabulary_size, explains=explains)
    return {"encoder_model": graph, "decoder_model": decoder}


def describe(model: Translator) -> Json:
    """Returns the settings of both tokenizers."""
    pair = model.preprocessor
    known: dict[str, Any] = {
        "reads": {**pair.source.describe(), "vocabulary": SOURCE_FILE},
        "writes": {**pair.target.describe(), "vocabulary": TARGET_FILE},
    }
    if pair.splits_sentences:
        known["reads"]["sentences"] = describe_sentences()
    return known
