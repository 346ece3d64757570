"""One version of a model: its signatures and what runs them."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnnzoo.serving.batching import Arrays, Batcher
from rnnzoo.serving.byte_budget import ByteBudget
from rnnzoo.serving.errors import ServingError, invalid, shorten
from rnnzoo.serving.metrics import Metrics
from rnnzoo.serving.protos import to_arrays
from rnnzoo.serving.settings import ServerSettings
from rnnzoo.serving.tensors import Spec

DEFAULT_SIGNATURE = "serving_default"
SIGNATURE_FILE = "signature.json"
# The smallest PNG: what stands for a file when nothing better is known.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJ"
    "RU5ErkJggg=="
)
WARMUP_FILE = "assets.extra/tf_serving_warmup_requests"


class Signature(NamedTuple):
    """Inputs and outputs of a signature, by name."""

    inputs: Mapping[str, Spec]
    outputs: Mapping[str, Spec]

    @property
    def goes_by_row(self) -> bool:
        """Whether requests can be joined along the first axis."""
        specs = [*self.inputs.values(), *self.outputs.values()]
        return bool(self.inputs) and all(spec.has_rows for spec in specs)


class Servable:
    """A loaded SavedModel.

    Args:
        folder: `<base>/<name>/<version>`.
        name: Name of the model.
        version: Number of the version.
        settings: Passed on to the batcher.
        metrics: Counts batches.
        byte_budget: Passed on to the batcher.

    Attributes:
        signature_defs: The signatures as the SavedModel holds them.
        signatures: Their inputs and outputs.
        labels: Names of the classes of a classifier, if `signature.json` tells them.
        num_warmups: How many requests of the warm-up file were answered.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        version: int,
        settings: ServerSettings,
        metrics: Metrics,
        byte_budget: ByteBudget | None = None,
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
        self.labels = _read_labels(folder / SIGNATURE_FILE)
        self.batcher = Batcher(
            self._run, settings, name, metrics.batches(name), byte_budget
        )
        self.num_warmups = self._warm_up(folder / WARMUP_FILE, settings.max_body)

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
        """Answers checked inputs, together with those of other requests."""
        by_row = self.signature(signature).goes_by_row
        name = signature or DEFAULT_SIGNATURE
        return await self.batcher.submit(name, inputs, by_row)

    def _run(self, signature: str, inputs: Arrays) -> Arrays:
        import tensorflow as tf

        tensors = {
            # An array of objects without a row would become one of floats.
            name: tf.constant(x.tolist(), tf.string, x.shape)
            if x.dtype == object
            else tf.constant(x)
            for name, x in inputs.items()
        }
        outputs = self._functions[signature](**tensors)
        return {name: np.asarray(tensor) for name, tensor in outputs.items()}

    def describe(self) -> dict[str, Any]:
        """Signatures, and the names of the classes if they are known."""
        signatures = {
            name: {"inputs": _to_words(s.inputs), "outputs": _to_words(s.outputs)}
            for name, s in sorted(self.signatures.items())
        }
        labels = {} if self.labels is None else {"labels": self.labels}
        return {**labels, "signatures": signatures}

    def _warm_up(self, path: Path, max_bytes: int) -> int:
        """Answers the requests in the warm-up file, and one that is made up for each
        signature without one: the first request after it finds all built."""
        warm = self._answer_warmups(path, max_bytes) if path.is_file() else []
        for name, signature in self.signatures.items():
            if name in warm:
                continue
            inputs = {
                key: _made_up(key, spec) for key, spec in signature.inputs.items()
            }
            with suppress(Exception):  # it need not be to the model's liking
                self._run(name, inputs)
        return len(warm)

    def _answer_warmups(self, path: Path, max_bytes: int) -> list[str]:
        """Answers the requests in the warm-up file; the signature of each."""
        import tensorflow as tf
        from tensorflow_serving.apis import prediction_log_pb2

        answered = []
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            log = prediction_log_pb2.PredictionLog.FromString(record)
            if log.WhichOneof("log_type") != "predict_log":
                continue
            request = log.predict_log.request
            name = request.model_spec.signature_name or DEFAULT_SIGNATURE
            specs = self.signature(name).inputs
            self._run(name, to_arrays(request.inputs, specs, max_bytes))
            answered.append(name)
        return answered


def _read_labels(path: Path) -> list[str] | None:
    """The names of the classes, if the zoo wrote what they are."""
    try:
        labels = json.loads(path.read_text(encoding="utf-8")).get("labels")
    except (OSError, ValueError, AttributeError):
        return None
    is_names = isinstance(labels, list) and all(isinstance(x, str) for x in labels)
    return labels if is_names else None


def _to_words(specs: Mapping[str, Spec]) -> dict[str, Any]:
    """Types and shapes as JSON has them, with `null` for any size."""
    return {
        name: {
            "dtype": spec.name,
            "shape": spec.shape and [None if n == -1 else n for n in spec.shape],
        }
        for name, spec in sorted(specs.items())
    }


def _made_up(name: str, spec: Spec) -> np.ndarray:
    """An input of the smallest shape that fits."""
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
        known = dtype.is_numpy_compatible and not dtype.is_quantized
        kind = (
            "object"
            if dtype == tf.string
            else (np.dtype(dtype.as_numpy_dtype).name if known else "V")
        )
        specs[name] = Spec(kind, dtype.name, sizes)
    return specs
