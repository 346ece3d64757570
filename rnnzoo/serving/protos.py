"""`TensorProto`s of TensorFlow Serving's gRPC API to arrays and back."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnzoo.serving.errors import invalid, shorten
from rnnzoo.serving.tensors import Spec, check_names, check_shape

# Field of the values in a TensorProto, by type. TensorFlow Serving fills these instead
# of `tensor_content`, and clients read them.
_FIELDS = {
    "bool": "bool_val",
    "float32": "float_val",
    "float64": "double_val",
    "int8": "int_val",
    "int16": "int_val",
    "int32": "int_val",
    "int64": "int64_val",
    "object": "string_val",
    "uint8": "int_val",
    "uint16": "int_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
}


def to_arrays(
    inputs: Mapping[str, Any], specs: Mapping[str, Spec], max_bytes: int
) -> dict[str, np.ndarray]:
    """Returns the arrays of a request's `TensorProto`s.

    Args:
        inputs: A `TensorProto` for each input.
        specs: Inputs of the signature.
        max_bytes: Maximum size of an array. In a message one value may stand for all,
            so a few bytes can describe an array of any size.

    Raises:
        ServingError: `INVALID_ARGUMENT` if they do not fit.
    """
    check_names(inputs, specs)
    return {n: _to_array(inputs[n], spec, n, max_bytes) for n, spec in specs.items()}


def _to_array(proto: Any, spec: Spec, name: str, max_bytes: int) -> np.ndarray:
    import tensorflow as tf

    try:
        dtype = tf.dtypes.as_dtype(proto.dtype)
    except TypeError:
        dtype = None
    if dtype is None or dtype.name != spec.name:
        raise invalid(
            f"Input {name!r} must be of type {spec.name}. Received: "
            f"{dtype.name if dtype else proto.dtype}"
        )
    sizes = [dim.size for dim in proto.tensor_shape.dim]
    count = math.prod(sizes)
    too_large = count * (dtype.size or 8) > max_bytes
    if proto.tensor_shape.unknown_rank or min(sizes, default=0) < 0 or too_large:
        raise invalid(
            f"Input {name!r} must have a known shape of {max_bytes:,} bytes at most. "
            f"Received: {shorten(str(sizes))}"
        )
    try:
        array = tf.make_ndarray(proto)
    except (TypeError, ValueError, IndexError) as error:
        raise invalid(
            f"Input {name!r} is damaged: {shorten(str(error), 300)}"
        ) from None
    if array.size != count:
        raise invalid(
            f"Input {name!r} must have {count} values. Received: {array.size}"
        )
    check_shape(array.shape, spec, name)
    return array


def to_proto(array: np.ndarray) -> Any:
    """Returns a `TensorProto` with the values in the field of their type."""
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2

    field = _FIELDS.get(array.dtype.name)
    if field is None:
        return tf.make_tensor_proto(array)
    dtype = tf.string if array.dtype == object else tf.dtypes.as_dtype(array.dtype)
    dims = [tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in array.shape]
    return tensor_pb2.TensorProto(
        dtype=dtype.as_datatype_enum,
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=dims),
        **{field: array.ravel().tolist()},
    )
