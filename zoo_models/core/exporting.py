"""Exports models for deployment, with the metadata of their presets.

The `onnx_graphs.py` of a model's folder has two functions. `build` returns the graphs
by the names of their files; with `explains` they also output states or attention.
`describe` returns the settings of pre- and postprocessing for `rnnzoo.onnx.Runner`.
"""

import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import keras
import numpy as np

from rnnzoo.export import export_litert, export_onnx, export_saved_model
from rnnzoo.export.onnx import require_onnx
from rnnzoo.layers.elman_scan import forward_only
from rnnzoo.samplers import (
    BeamSampler,
    GreedySampler,
    Sampler,
    TopKSampler,
    TopPSampler,
)
from rnnzoo.samplers.beam_sampler import OPEN_PENALTY
from zoo_models.core.preprocessor import Preprocessor
from zoo_models.core.presets import read_metadata
from zoo_models.core.types import Json

# Base folder, name and version.
Where = tuple[str | Path, str, int | None]
FORMATS = ("saved_model", "litert", "onnx")
# The settings of each sampler in `signature.json`.
SAMPLERS: dict[type, tuple[str, tuple[str, ...]]] = {
    BeamSampler: ("beam", ("num_beams", "length_penalty")),
    GreedySampler: ("greedy", ()),
    TopKSampler: ("top_k", ("k", "temperature")),
    TopPSampler: ("top_p", ("p", "temperature")),
}
# The entries of `metadata.json` that `signature.json` repeats.
DESCRIPTION = ("class_name", "task", "licence", "evaluations")


@dataclass(frozen=True)
class Origin:
    """The preset that a model came from.

    Attributes:
        metadata: Its `metadata.json`.
        examples: Example inputs: texts, or paths of existing images.
        checksum: Checksum of the evaluated weights, or `None` if the model has
            others.
    """

    metadata: Json = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    checksum: int | None = None

    @classmethod
    def of(cls, model: keras.Model, folder: Path, is_as_published: bool) -> Self:
        """Returns the origin of a model that was just loaded from `folder`."""
        metadata = read_metadata(folder)
        examples = metadata.get("examples", [])
        if model.input_kind == "image":
            paths = [(folder / example).resolve() for example in examples]
            examples = [str(path) for path in paths if path.is_file()]
        return cls(metadata, examples, checksum(model) if is_as_published else None)


def checksum(model: keras.Model) -> int:
    """Returns a checksum of the weights."""
    value = 0
    for weight in model.weights:
        array = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
        value = zlib.crc32(array.tobytes(), value)
    return value


def describe(model: keras.Model) -> Json:
    """Returns the description of a model in `signature.json`.

    It contains the evaluations only if the model has the evaluated weights.
    """
    metadata = {"class_name": type(model).__name__, "task": model.task}
    origin = model.origin
    known = {key: origin.metadata[key] for key in DESCRIPTION if key in origin.metadata}
    if origin.checksum is None or origin.checksum != checksum(model):
        known.pop("evaluations", None)
    labels = getattr(model, "labels", None)
    return {**metadata, **known, **({"labels": list(labels)} if labels else {})}


def raw_examples(model: keras.Model) -> list[bytes]:
    """Returns the examples of the preset, or a made-up text or grey image."""
    if model.input_kind == "text":
        texts = model.origin.examples or ["An example, of a few words."]
        return [text.encode() for text in texts]
    if model.origin.examples:
        return [Path(path).read_bytes() for path in model.origin.examples]
    import tensorflow as tf

    grey = np.full((32, 32, 1), 128, "uint8")
    return [tf.io.encode_png(grey).numpy()]


def export_model(
    model: keras.Model,
    base: str | Path,
    version: int | None = None,
    name: str | None = None,
    format: str = "saved_model",
    weights: str | None = None,
    explains: bool = False,
) -> Path:
    """Writes a model for deployment, with a `signature.json`.

    This is the method `export` of all models.

    Args:
        model: The model.
        base: Folder of all models. The files go to `<base>/<name>/<version>`.
        version: Positive integer. Default 1.
        name: Name of the model. Default: the preset's.
        format: `"saved_model"` for TensorFlow Serving; `"litert"` for a classifier
            of one preprocessed input; `"onnx"` for `rnnzoo.onnx.Runner`. Default
            `"saved_model"`.
        weights: For ONNX `"exact"` (default), `"float32"`, `"float16"` or `"int8"`.
        explains: Whether ONNX graphs also output states or attention. Default
            `False`.

    Returns:
        The folder of the version.

    Raises:
        FileExistsError: If the version exists.
        ImportError: If a package for the format is not installed.
        ValueError: If there is no preprocessor, or the model cannot be converted.
    """
    where = base, name or model.preset or model.name, version
    if format not in FORMATS:
        raise ValueError(f"`format` must be one of {FORMATS}. Received: {format!r}")
    if model.preprocessor is None:
        raise ValueError(
            "An exported model is tried on raw inputs, so it needs the preprocessor. "
            "Received: a model with preprocessor=None"
        )
    if explains and format != "onnx":
        raise ValueError(
            f"Models explain themselves in the format 'onnx'. Received: {format!r} and "
            "explains=True"
        )
    if format == "onnx":
        return _export_onnx(model, where, weights or "exact", explains)
    if weights is not None:
        raise ValueError(
            "`weights` is a choice of the format 'onnx'. Received: "
            f"weights={weights!r} for {format!r}"
        )
    if format == "litert":
        return _export_litert(model, where)
    with forward_only():
        endpoints = model.endpoints()
        return export_saved_model(
            model,
            endpoints,
            *where,
            model.resources(),
            _examples(model, endpoints),
            describe(model),
        )


def _examples(model: keras.Model, endpoints: Json) -> dict[str, Json]:
    """Returns a batch of examples for each signature: strings, or pixels."""
    import tensorflow as tf

    raw = raw_examples(model)
    examples = {}
    for signature, (_, (spec,)) in endpoints.items():
        if spec.dtype == tf.string:
            batch = np.array(raw, dtype=object)
        else:
            check = model.preprocessor.check
            batch = np.stack([check(x, "the example") for x in raw])
        examples[signature] = {spec.name: batch}
    return examples


def _export_litert(model: keras.Model, where: Where) -> Path:
    # Generation loops around the network.
    if model.verb != "classify":
        raise ValueError(
            "LiteRT takes the classifiers, whose network answers in one go. Received: "
            f"a {type(model).__name__}. Export it as a SavedModel."
        )
    settings, files = _saved(model.preprocessor)
    return export_litert(
        model.network(),
        model.answer_name,
        *where,
        files,
        {**describe(model), "preprocessor": settings},
    )


def _export_onnx(
    model: keras.Model, where: Where, weights: str, explains: bool
) -> Path:
    require_onnx()
    # These import `onnx`, an optional dependency.
    from zoo_models.core.onnx_signals import describe_signals

    module = model.folder_module("onnx_graphs")
    description = {**module.describe(model), **describe_signals(model)}
    if model.verb == "generate":
        description["sampler"] = _describe_sampler(model.sampler)
    verbs = {key: getattr(model, key) for key in ("verb", "answer_name", "input_kind")}
    _, files = _saved(model.preprocessor)
    return export_onnx(
        module.build(model, explains),
        *where,
        files,
        {**describe(model), **verbs, **description},
        weights,
    )


def _describe_sampler(sampler: Sampler) -> Json:
    if type(sampler) not in SAMPLERS:
        raise ValueError(
            f"ONNX takes the samplers {[kind for kind, _ in SAMPLERS.values()]}. "
            f"Received: {type(sampler).__name__}"
        )
    kind, settings = SAMPLERS[type(sampler)]
    chosen = {key: getattr(sampler, key) for key in settings}
    # Beams may be asked for later, of any model.
    return {"kind": kind, **chosen, "open_penalty": OPEN_PENALTY}


def _saved(preprocessor: Preprocessor) -> tuple[Json, dict[str, bytes]]:
    """Returns the settings of a preprocessor, and its files by name."""
    with tempfile.TemporaryDirectory() as folder:
        settings = preprocessor.save(Path(folder))
        return settings, {
            path.name: path.read_bytes() for path in Path(folder).iterdir()
        }
