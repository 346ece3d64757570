"""Messages of both APIs."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict
from tensorflow.core.protobuf import error_codes_pb2
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2

from rnnzoo.serving.repository import Version
from rnnzoo.serving.servable import Servable


def status_message(versions: Mapping[int, Version]) -> Any:
    """Returns a `GetModelStatusResponse`."""
    response = get_model_status_pb2.GetModelStatusResponse()
    states = get_model_status_pb2.ModelVersionStatus.State
    for number, version in versions.items():
        entry = response.model_version_status.add(
            version=number, state=states.Value(version.state)
        )
        if version.error is not None:
            entry.status.error_code = error_codes_pb2.Code.Value(version.error.code)
            entry.status.error_message = version.error.message
        else:
            entry.status.SetInParent()
    return response


def metadata_message(servable: Servable) -> Any:
    """Returns a `GetModelMetadataResponse` with the signatures."""
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    response.model_spec.name = servable.name
    response.model_spec.version.value = servable.version
    response.metadata["signature_def"].Pack(_signatures(servable))
    return response


def metadata_dict(servable: Servable) -> dict[str, Any]:
    """Returns the same for JSON, without the type's URL, as TensorFlow Serving does."""
    return {
        "model_spec": to_dict(metadata_message(servable).model_spec),
        "metadata": {"signature_def": to_dict(_signatures(servable))},
    }


def to_dict(message: Any) -> dict[str, Any]:
    """Returns a message for JSON, with its empty fields."""
    return MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )


def _signatures(servable: Servable) -> Any:
    return get_model_metadata_pb2.SignatureDefMap(signature_def=servable.signature_defs)
