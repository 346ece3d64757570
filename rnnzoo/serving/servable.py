"""One version of a model."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnnzoo.serving.batching import Arrays, Batcher
from rnnzoo.serving.byte_budget import ByteBudget
from rnnzoo.serving.errors import ServingError, invalid, shorten
from rnnzoo.serving.metrics import Metrics
from rnnzoo.serving.settings import ServerSettings
from rnnzoo.serving.tensors import Spec

DEFAULT_SIGNATURE = "serving_default"
# The smallest PNG, a made-up file.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJ"
    "RU5ErkJggg=="
)


class Signature(NamedTuple):
    """Inputs and outputs of a signature, by name."""

    inputs: Mapping[str, Spec]
    outputs: Mapping[str, Spec]

    @property
    def goes_by_row(self) -> bool:
        """Whether all inputs and outputs have rows along the first axis."""
        specs = [*self.inputs.values(), *self.outputs.values()]
        return bool(self.inputs) and all(spec.has_rows for spec in specs)


class Servable:
    """A loaded SavedModel.

    Args:
        folder: `<base>/<name>/<version>`.
        name: Name of the model.
        version: Number of the version.
        settings: Settings of the batcher.
        metrics: Counts batches.
        budget: Budget for decoded images.

    Attributes:
        signature_defs: Signatures as in the SavedModel.
        signatures: Their inputs and outputs.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        version: int,
        settings: ServerSettings,
        metrics: Metrics,
        budget: ByteBudget | None = None,
    ):
        import tensorflow as tf

        self.name = name
        self.version = version
        self.signature_defs = _read_signatures(folder)
        self._model = tf.saved_model.load(str(folder))
        self._functions = dict(self._model.signatures)
        self.signatures = {
            key: Signature(_specs(signature.inputs), _specs(signature.outputs))
            for key, signature in self.signature_defs.items()
            if key in self._functions
        }
        self.batcher = Batcher(self._run, settings, name, metrics.batches(name), budget)
        self._warm_up()

    def signature(self, name: str) -> Signature:
        """The signature of this name; `""` is `serving_default`.

        Raises:
            ServingError: If there is none.
        """
        name = name or DEFAULT_SIGNATURE
        if name not in self.signatures:
            raise invalid(
                f'Serving signature name: "{shorten(name)}" not found in signature '
                f"def. It has {sorted(self.signatures)}"
            )
        return self.signatures[name]

    async def predict(self, signature: str, inputs: Arrays) -> Arrays:
        """Answers checked inputs, in a batch with other requests."""
        by_row = self.signature(signature).goes_by_row
        name = signature or DEFAULT_SIGNATURE
        return await self.batcher.submit(name, inputs, by_row)

    def _run(self, signature: str, inputs: Arrays) -> Arrays:
        import tensorflow as tf

        tensors = {
            # An empty array of objects would become one of floats.
            name: tf.constant(x.tolist(), tf.string, x.shape)
            if x.dtype == object
            else tf.constant(x)
            for name, x in inputs.items()
        }
        outputs = self._functions[signature](**tensors)
        return {name: np.asarray(tensor) for name, tensor in outputs.items()}

    def _warm_up(self) -> None:
        """Runs each signature on a made-up input: the first client does not wait."""
        for name, signature in self.signatures.items():
            inputs = {
                key: _made_up(key, spec) for key, spec in signature.inputs.items()
            }
            with suppress(Exception):  # the model may reject it
                self._run(name, inputs)


def _made_up(name: str, spec: Spec) -> np.ndarray:
    """Returns an input of the smallest shape that fits."""
    shape = [1 if size == -1 else size for size in spec.shape or ()]
    if spec.dtype != "object":
        return np.zeros(shape, spec.dtype)
    return np.full(shape, _PIXEL if name.endswith("_bytes") else b"a", object)


def _read_signatures(folder: Path) -> dict[str, Any]:
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    try:
        data = (folder / "saved_model.pb").read_bytes()
        model = saved_model_pb2.SavedModel.FromString(data)
    except DecodeError as error:
        raise ServingError(
            "DATA_LOSS", f"{folder / 'saved_model.pb'} is damaged: {error}"
        ) from error
    for graph in model.meta_graphs:
        if "serve" in graph.meta_info_def.tags:
            return {
                name: signature
                for name, signature in graph.signature_def.items()
                if not name.startswith("__")  # the saver's own
            }
    raise ServingError(
        "DATA_LOSS", f"{folder / 'saved_model.pb'} has no graph with the tag 'serve'"
    )


def _specs(infos: Mapping[str, Any]) -> dict[str, Spec]:
    import tensorflow as tf

    specs = {}
    for name, info in infos.items():
        dtype = tf.dtypes.as_dtype(info.dtype)
        shape = info.tensor_shape
        sizes = None if shape.unknown_rank else tuple(dim.size for dim in shape.dim)
        kind = "V"  # a type without NumPy's counterpart
        if dtype == tf.string:
            kind = "object"
        elif dtype.is_numpy_compatible and not dtype.is_quantized:
            kind = np.dtype(dtype.as_numpy_dtype).name
        specs[name] = Spec(kind, dtype.name, sizes)
    return specs
