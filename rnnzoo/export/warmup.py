"""The requests with which TensorFlow Serving warms a model up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

WARMUP_FILE = "assets.extra/tf_serving_warmup_requests"

# Numbers of the fields in the messages of tensorflow_serving/apis: PredictionLog,
# PredictLog, PredictRequest, ModelSpec and the entries of a map.
PREDICT_LOG = 6
REQUEST = 1
MODEL_SPEC, INPUTS = 1, 2
NAME, SIGNATURE_NAME = 1, 3
KEY, VALUE = 1, 2


def write_warmup(
    folder: Path, name: str, examples: Mapping[str, Mapping[str, Any]]
) -> None:
    """Writes `assets.extra/tf_serving_warmup_requests` into a SavedModel's folder.

    Each signature gets a request with the first example alone and, if there are more,
    one with all of them. The file is a TFRecord of `PredictionLog` messages. They are
    encoded here, because their Python classes need `tensorflow-serving-api`.

    Args:
        folder: Folder of the SavedModel.
        name: Name of the model.
        examples: Signature name to a batch for each of its inputs, by the input's
            name.
    """
    import tensorflow as tf

    path = folder / WARMUP_FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in examples.items():
            count = len(next(iter(inputs.values())))
            for size in sorted({1, count}):
                batch = {key: value[:size] for key, value in inputs.items()}
                writer.write(_prediction_log(name, signature, batch))


def _prediction_log(name: str, signature: str, inputs: Mapping[str, Any]) -> bytes:
    import tensorflow as tf

    model = _field(NAME, name.encode()) + _field(SIGNATURE_NAME, signature.encode())
    request = _field(MODEL_SPEC, model)
    for key, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += _field(INPUTS, _field(KEY, key.encode()) + _field(VALUE, tensor))
    return _field(PREDICT_LOG, _field(REQUEST, request))


def _field(number: int, content: bytes) -> bytes:
    """A field of a protocol buffer that holds a string, bytes or a message."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth bit marks that more follow."""
    encoded = b""
    while value > 127:
        encoded += bytes([value & 127 | 128])
        value >>= 7
    return encoded + bytes([value])
