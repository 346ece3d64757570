"""SavedModels in the folders that TensorFlow Serving reads."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from rnnzoo.core.files import atomic_write
from rnnzoo.export.signature import describe_saved_model, write_signature
from rnnzoo.export.versions import new_version_folder
from rnnzoo.export.warmup import write_warmup


def export_saved_model(
    model: keras.Model,
    endpoints: Mapping[str, tuple[Callable[..., Any], Sequence[Any]]],
    base: str | Path,
    name: str,
    version: int | None = None,
    resources: Sequence[Any] = (),
    examples: Mapping[str, Mapping[str, Any]] | None = None,
    description: Mapping[str, Any] | None = None,
) -> Path:
    """Writes `<base>/<name>/<version>/saved_model.pb` and what goes with it.

    Beside the variables these are `signature.json`, which says what goes in and comes
    out, and with `examples` `assets.extra/tf_serving_warmup_requests`, which TensorFlow
    Serving runs before it takes requests. The SavedModel itself answers the examples,
    so one that cannot run is not written. The folder is written aside and renamed: a
    server that watches `base` never sees a half-written version.

    Args:
        model: The model that the endpoints call.
        endpoints: Signature name to function and `tf.TensorSpec`s. The functions
            must return dictionaries of named outputs and use core TensorFlow ops.
            The first one becomes `serving_default`.
        base: Folder of all models.
        name: Name of the model: letters, digits, `_`, `-` and `.`.
        version: Positive integer. Default 1.
        resources: Lookup tables that the functions use.
        examples: Signature name to a batch for each of its inputs, by the input's
            name. Default: none.
        description: More entries for `signature.json`. Default: none.

    Returns:
        The folder of the version.

    Raises:
        ValueError: If the backend is not TensorFlow, or name or version do not fit.
        FileExistsError: If the version is there already.
    """
    require_tensorflow("a SavedModel")
    folder = new_version_folder(base, name, version, "saved_model")
    archive = keras.export.ExportArchive()
    # Its variables alone: of a whole model Keras would trace one more function, which
    # no signature needs.
    for kind in ("variables", "trainable_variables", "non_trainable_variables"):
        archive.add_variable_collection(kind, getattr(model, kind))
    for resource in resources:
        archive.track(resource)
    for endpoint, (function, signature) in endpoints.items():
        archive.add_endpoint(endpoint, function, input_signature=list(signature))
    examples = examples or {}
    with atomic_write(folder) as aside:
        archive.write_out(str(aside), verbose=False)
        if examples:
            write_warmup(aside, name, examples)
        write_signature(
            aside,
            {
                "name": name,
                "version": int(folder.name),
                "format": "saved_model",
                **(description or {}),
                "signatures": describe_saved_model(aside, examples),
            },
        )
    return folder


def require_tensorflow(what: str) -> None:
    """Raises `ValueError` on another backend than TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"Exporting {what} needs the TensorFlow backend: set "
            f"KERAS_BACKEND=tensorflow. Received: {keras.backend.backend()}"
        )
