"""`ImageCaptioner` in ONNX: a graph of the encoder, and one of a decoder step."""

import keras
import numpy as np

from rnnzoo.export import onnx_layers as nodes
from rnnzoo.export.onnx_graph import OnnxGraph
from zoo_models.core.onnx_decoder import build_decoder, output_encoder
from zoo_models.core.onnx_signals import distance, output_signals
from zoo_models.core.preprocessor import VOCABULARY_FILE
from zoo_models.core.types import Json
from zoo_models.image_captioner.model import ImageCaptioner
from zoo_models.image_captioner.onnx_words import CopyingTokenNodes, add_words


def build(model: ImageCaptioner, explains: bool = False) -> dict[str, OnnxGraph]:
    """`encoder_model`, from `pixels`, `(batch, height, width, 3)` from 0 to 1, to what
    `decoder_model` takes: see `zoo_models.core.onnx_decoder`. The image encoder is
    inside. Its `signals`, `(batch, 1, 2)`, lack the score, which comes last.
    `decoder_model` gives the attention, too, if it `explains`."""
    graph = OnnxGraph(f"{model.name}_encoder")
    size = model.image_size
    pixels = graph.input("pixels", "float32", ["batch", size, size, 3])
    features = _encode_image(graph, model.encoder, pixels)
    grid = model.grid
    outputs = nodes.dense(graph, grid.project, features)
    outputs = nodes.normalize(graph, grid.norm, outputs)
    summary = graph.reduce("Mean", outputs, 1)
    # All places count.
    sizes = graph.op("Shape", outputs)
    sizes = graph.op("Slice", sizes, np.array([0]), np.array([2]))
    mask = graph.cast(graph.op("ConstantOfShape", sizes), "bool")
    mask, tokens = graph.op("Not", mask), None
    if model.class_head is not None:
        outputs, mask = add_words(graph, model, features, outputs, mask)
        tokens = CopyingTokenNodes(model)
    output_encoder(graph, model, outputs, mask, summary)
    output_signals(graph, [(distance(graph, model, summary), None)])
    decoder = build_decoder(model, model.vocabulary_size, tokens, explains)
    return {"encoder_model": graph, "decoder_model": decoder}


def describe(model: ImageCaptioner) -> Json:
    """Returns the settings of the image preprocessor and of the tokenizer."""
    images, captions = model.preprocessor.images, model.preprocessor.captions
    return {
        "reads": images.describe(),
        "writes": {**captions.describe(), "vocabulary": VOCABULARY_FILE},
    }


def _encode_image(graph: OnnxGraph, encoder: keras.Model, pixels: str) -> str:
    """The features of `image_encoder`, `(batch, places, features)`."""
    # ONNX has channels before rows and columns.
    values = {encoder.inputs[0].name: graph.op("Transpose", pixels, perm=[0, 3, 1, 2])}
    for layer in encoder.layers[1:]:
        tensors = layer.input if isinstance(layer.input, list) else [layer.input]
        x, *others = [values[tensor.name] for tensor in tensors]
        if isinstance(layer, keras.layers.Rescaling):
            y = graph.op("Mul", x, np.float32(layer.scale))
            y = graph.op("Add", y, np.float32(layer.offset))
        elif isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            y = nodes.convolve(graph, layer, x)
        elif isinstance(layer, keras.layers.ReLU):
            y = graph.op("Clip", x, np.float32(0), np.float32(layer.max_value))
        elif isinstance(layer, keras.layers.Add):
            y = graph.op("Add", x, *others)
        elif isinstance(layer, keras.layers.Reshape):
            y = graph.op("Transpose", x, perm=[0, 2, 3, 1])
            y = graph.reshape(y, [0, -1, layer.target_shape[-1]])
        else:
            raise ValueError(
                "The image encoder must be of convolutions, ReLU, Rescaling, Add and "
                f"Reshape. Received: {layer.name}, a {type(layer).__name__}"
            )
        values[layer.output.name] = y
    return values[encoder.outputs[0].name]
