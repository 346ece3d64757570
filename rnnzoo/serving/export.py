"""SavedModels in the folders that TensorFlow Serving reads."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from rnnzoo.files import write_aside


def export_saved_model(
    model: keras.Model,
    endpoints: Mapping[str, tuple[Callable[..., Any], Sequence[Any]]],
    base: str | Path,
    name: str,
    version: int | None = None,
    resources: Sequence[Any] = (),
) -> Path:
    """Writes `<base>/<name>/<version>/saved_model.pb` and its variables.

    The folder is written aside and renamed, so a server that watches `base` never
    sees a half-written version.

    Args:
        model: The model that the endpoints call.
        endpoints: Signature name to function and `tf.TensorSpec`s. The functions
            must return dictionaries of named outputs and use core TensorFlow ops.
            The first one becomes `serving_default`.
        base: Folder of all models.
        name: Name of the model: letters, digits, `_`, `-` and `.`.
        version: Positive integer. Default 1.
        resources: Lookup tables that the functions use.

    Returns:
        The folder of the version.

    Raises:
        ValueError: If the backend is not TensorFlow, or name or version do not fit.
        FileExistsError: If the version is there already.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Exporting a SavedModel needs the TensorFlow backend: set "
            "KERAS_BACKEND=tensorflow. Received: "
            f"{keras.backend.backend()}"
        )
    version = 1 if version is None else version
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(
            f"`version` must be a positive integer. Received: version={version!r}"
        )
    if not re.fullmatch(r"\w[\w.-]*", name, re.ASCII):
        raise ValueError(
            "The model's name must be of letters, digits, '_', '-' and '.', and not "
            f"begin with a mark. Received: {name!r}"
        )
    folder = Path(base) / name / str(version)
    if folder.exists():
        raise FileExistsError(
            f"{folder} is there already, and a served version must not change. "
            "Choose another version or delete it."
        )
    archive = keras.export.ExportArchive()
    archive.track(model)
    for resource in resources:
        archive.track(resource)
    for endpoint, (function, signature) in endpoints.items():
        archive.add_endpoint(endpoint, function, input_signature=list(signature))
    with write_aside(folder) as aside:
        archive.write_out(str(aside), verbose=False)
    return folder
