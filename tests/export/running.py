"""ONNX graphs in ONNX Runtime, and ids for them."""

import numpy as np
import onnxruntime


def run(graph, **inputs):
    """The outputs of a graph by name, for the path or the bytes of a file."""
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    names = [slot.name for slot in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def ragged_ids(size):
    """Rows of 9, 1, 4, 8 and 2 ids under `size`, padded on the right."""
    token_ids = np.random.default_rng(0).integers(4, size, (5, 9)).astype("int32")
    return np.where(np.arange(9) < [[9], [1], [4], [8], [2]], token_ids, 0)
