"""`signature.json`: what goes into an exported model and what comes out."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

SIGNATURE_FILE = "signature.json"
# Examples of more bytes together are left to the warm-up file; one is always given.
EXAMPLE_BYTES = 64_000


def write_signature(folder: Path, content: Mapping[str, Any]) -> None:
    """Writes `signature.json` into the folder of a version."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (folder / SIGNATURE_FILE).write_text(text + "\n", encoding="utf-8")


def describe_saved_model(
    folder: Path, examples: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Loads a SavedModel, runs examples on it, and says what it takes and gives.

    Args:
        folder: Folder of the SavedModel.
        examples: Signature name to a batch for each of its inputs, by the input's
            name.

    Returns:
        For each signature `inputs` and `outputs`: name to `dtype` and `shape`, with
        `None` where any size will do. A signature that takes one input of strings has
        a `request` and its `response` too, as TensorFlow Serving's REST API has them.
    """
    import tensorflow as tf

    described = {}
    # Holds the variables: a signature alone does not.
    loaded = tf.saved_model.load(str(folder))
    for name, function in loaded.signatures.items():
        specs = function.structured_input_signature[1]
        entry = {
            "inputs": describe_tensors(specs),
            "outputs": describe_tensors(function.structured_outputs),
        }
        if name in examples:
            inputs = {
                key: tf.constant(value, specs[key].dtype)
                for key, value in examples[name].items()
            }
            outputs = {k: v.numpy() for k, v in function(**inputs).items()}
            is_text_or_file = [spec.dtype for spec in specs.values()] == [tf.string]
            if is_text_or_file:
                (values,) = examples[name].values()
                entry |= _request_and_response(name, first_examples(values), outputs)
        described[name] = entry
    return described


def describe_tensors(specs: Mapping[str, Any]) -> dict[str, Any]:
    """Name to `dtype` and `shape` of `tf.TensorSpec`s or tensors, by name."""
    return {
        name: {"dtype": specs[name].dtype.name, "shape": specs[name].shape.as_list()}
        for name in sorted(specs)
    }


def first_examples(values: Any) -> list[Any]:
    """As many of the examples, from the first on, as are not too long together."""
    sizes = np.cumsum([len(value) for value in values])
    return list(values[: max(1, int(np.sum(sizes <= EXAMPLE_BYTES)))])


def _request_and_response(
    name: str, values: list[Any], outputs: Mapping[str, Any]
) -> dict[str, Any]:
    """A request in TensorFlow Serving's row form, and its response."""
    rows: list[Any] = [
        {key: _to_json(output[i]) for key, output in sorted(outputs.items())}
        for i in range(len(values))
    ]
    if len(outputs) == 1:
        rows = [value for row in rows for value in row.values()]
    return {
        "request": {"signature_name": name, "instances": [_to_json(v) for v in values]},
        "response": {"predictions": rows},
    }


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"b64": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return [_to_json(part) for part in value]
    return value.tolist()
