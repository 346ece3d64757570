"""`LanguageModel` in ONNX: one graph, which reads one word or many."""

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph
from zoo_models.core.preprocessor import VOCABULARY_FILE
from zoo_models.core.types import Json
from zoo_models.language_model.model import LanguageModel
from zoo_models.language_model.preprocessor import MAX_READ


def build(model: LanguageModel, explains: bool = False) -> dict[str, OnnxGraph]:
    """`decoder_model`: from `token_ids`, `(batch, time)`, 0 as right padding, and
    `state`, `(batch, units)`, before them, to `logits` of the word that comes next,
    `(batch, vocabulary_size)`, and `next_state`; nothing is added if it `explains`."""
    words, state_shape = model.words, ["batch", model.units]
    graph = OnnxGraph(model.name)
    token_ids = graph.input("token_ids", "int32", ["batch", "time"])
    state = graph.input("state", "float32", state_shape)
    table = nodes.weight(graph, words.embed.embeddings)
    vectors = nodes.embed_tied(graph, words.embed, table, token_ids)
    _, lengths = nodes.read_mask(graph, token_ids)
    state = nodes.elman_last(graph, words.layer, vectors, state, lengths)
    features = nodes.dense(graph, words.features, state)
    logits = nodes.score_tied(graph, words.embed, table, features)
    graph.output("logits", logits, "float32", ["batch", model.vocabulary_size])
    graph.output("next_state", state, "float32", state_shape)
    return {"decoder_model": graph}


def describe(model: LanguageModel) -> Json:
    """Returns the settings of the tokenizer for prompts and continuations."""
    tokenizer = model.preprocessor.words.describe()
    known = {**tokenizer, "vocabulary": VOCABULARY_FILE}
    return {
        "reads": {**known, "max_length": MAX_READ, "opens": True},
        "writes": {**known, "max_length": model.preprocessor.max_length},
    }
