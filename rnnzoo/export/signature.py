"""`signature.json`: what an exported model takes and gives."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SIGNATURE_FILE = "signature.json"


def write_signature(
    aside: Path,
    folder: Path,
    format: str,
    description: Mapping[str, Any] | None,
    signatures: Mapping[str, Any],
) -> None:
    """Writes `signature.json`.

    Args:
        aside: Folder to write into.
        folder: Folder of the version, `<base>/<name>/<version>`.
        format: Format of the version.
        description: More entries.
        signatures: `inputs` and `outputs` of each signature.
    """
    content = {
        "name": folder.parent.name,
        "version": int(folder.name),
        "format": format,
        **(description or {}),
        "signatures": signatures,
    }
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (aside / SIGNATURE_FILE).write_text(text + "\n", encoding="utf-8")


def describe_saved_model(
    folder: Path, examples: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Runs examples on a SavedModel, and returns the inputs and outputs of each
    signature: name to `dtype` and `shape`, with `None` for any size.

    Args:
        folder: Folder of the SavedModel.
        examples: Signature name to a batch for each of its inputs, by the input's
            name.
    """
    import tensorflow as tf

    described = {}
    # Holds the variables: a signature alone does not.
    loaded = tf.saved_model.load(str(folder))
    for name, function in loaded.signatures.items():
        specs = function.structured_input_signature[1]
        batch = examples.get(name, {})
        if batch:
            function(**{k: tf.constant(v, specs[k].dtype) for k, v in batch.items()})
        described[name] = {
            "inputs": describe_tensors(specs),
            "outputs": describe_tensors(function.structured_outputs),
        }
    return described


def describe_tensors(specs: Mapping[str, Any]) -> dict[str, Any]:
    """Name to `dtype` and `shape` of `tf.TensorSpec`s or tensors, by name."""
    return {
        name: {"dtype": specs[name].dtype.name, "shape": specs[name].shape.as_list()}
        for name in sorted(specs)
    }
