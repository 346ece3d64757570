"""The gRPC API, asked with the stubs of `tensorflow-serving-api`."""

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        yield channel


@pytest.fixture(scope="module")
def stub(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


@pytest.fixture(scope="module")
def models(channel):
    return model_service_pb2_grpc.ModelServiceStub(channel)


def make(model, signature="", version=None, outputs=(), label="", **inputs):
    request = predict_pb2.PredictRequest(output_filter=outputs)
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    request.model_spec.version_label = label
    if version is not None:
        request.model_spec.version.value = version
    for name, value in inputs.items():
        proto = isinstance(value, tensor_pb2.TensorProto)
        value = value if proto else tf.make_tensor_proto(value)
        request.inputs[name].CopyFrom(value)
    return request


def test_predict(stub):
    response = stub.Predict(make("words", text=["a", "é"]), timeout=30)
    assert response.model_spec.name == "words"
    assert response.model_spec.version.value == 1
    assert response.model_spec.signature_name == "serving_default"
    assert sorted(response.outputs) == ["label", "probabilities", "score"]
    # Clients read these fields and not `tensor_content`.
    assert list(response.outputs["label"].string_val) == [b"a@1", "é@1".encode()]
    assert list(response.outputs["score"].float_val) == [0.75, 0.75]
    probabilities = tf.make_ndarray(response.outputs["probabilities"])
    np.testing.assert_array_equal(probabilities, [[0.25, 0.75]] * 2)


def test_types_version_signature_and_filter(stub):
    response = stub.Predict(
        make("mixed", number=np.int32([5]), flags=[[True, True, False]]), timeout=30
    )
    assert list(response.outputs["count"].int64_val) == [2**40 + 2]
    assert list(response.outputs["text_bytes"].string_val) == [b"5"]
    request = make(
        "mixed", "serving_default", 1, ["count"], number=[1], flags=[[True] * 3]
    )
    assert list(stub.Predict(request, timeout=30).outputs) == ["count"]
    inverse = stub.Predict(make("numbers", "inverse", x=np.float32([4])), timeout=30)
    assert list(inverse.outputs["y"].float_val) == [0.25]


def proto(dtype="DT_STRING", sizes=(1,), **values):
    message = tensor_pb2.TensorProto(dtype=dtype, **values)
    for size in sizes:
        message.tensor_shape.dim.add(size=size)
    return message


@pytest.mark.parametrize(
    ("request_", "code", "details"),
    [
        (make("nope", text=["a"]), "NOT_FOUND", "request: Latest(nope)"),
        (make("../words", text=["a"]), "NOT_FOUND", "Latest(../words)"),
        (make("words", version=7, text=["a"]), "NOT_FOUND", "Specific(words, 7)"),
        (make("words", "x", text=["a"]), "FAILED_PRECONDITION", 'key "x" not found'),
        (predict_pb2.PredictRequest(), "INVALID_ARGUMENT", "Missing ModelSpec"),
        (make("words"), "INVALID_ARGUMENT", "but required: {text}"),
        (make("words", label="x"), "INVALID_ARGUMENT", "Labels are not served"),
        (make("words", text=["a"], x=["b"]), "INVALID_ARGUMENT", "extra: {x}"),
        (make("words", text=[1]), "INVALID_ARGUMENT", "type string. Received: int32"),
        (make("words", text=[["a"]]), "INVALID_ARGUMENT", "Received: shape [1,1]"),
        (make("words", text=["a"] * 1025), "INVALID_ARGUMENT", "1024 rows at most"),
        (make("words", outputs=["x"], text=["a"]), "INVALID_ARGUMENT", "Received: x"),
        (make("image", image_bytes=[b"GIF"]), "INVALID_ARGUMENT", "a JPEG, PNG, GIF"),
        (make("words", text=proto(sizes=[10**12])), "INVALID_ARGUMENT", "known shape"),
        (make("words", text=proto(sizes=[-1])), "INVALID_ARGUMENT", "known shape"),
        (make("words", text=proto(dtype=99)), "INVALID_ARGUMENT", "Received: 99"),
        (
            make("numbers", x=proto("DT_FLOAT", [1, 2], tensor_content=b"abc")),
            "INVALID_ARGUMENT",
            "is damaged",
        ),
        (
            make("words", text=proto(sizes=[1], string_val=[b"a", b"b"])),
            "INVALID_ARGUMENT",
            "Input 'text'",
        ),
    ],
)
def test_bad_requests_are_refused(stub, request_, code, details):
    with pytest.raises(grpc.RpcError) as error:
        stub.Predict(request_, timeout=30)
    assert error.value.code().name == code
    assert details in error.value.details()


def test_one_value_stands_for_all_within_bounds(stub):
    text = proto(sizes=[3], string_val=[b"a"])
    response = stub.Predict(make("words", text=text), timeout=30)
    assert list(response.outputs["label"].string_val) == [b"a@1"] * 3


def test_a_message_that_is_too_large(stub):
    with pytest.raises(grpc.RpcError) as error:
        stub.Predict(make("words", text=["a" * 2**21]), timeout=30)
    assert error.value.code().name == "RESOURCE_EXHAUSTED"


def test_metadata(stub):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "numbers"
    request.metadata_field.append("signature_def")
    response = stub.GetModelMetadata(request, timeout=30)
    assert response.model_spec.version.value == 1
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(signatures)
    assert {"serving_default", "inverse"} <= set(signatures.signature_def)
    del request.metadata_field[:]
    with pytest.raises(grpc.RpcError) as error:
        stub.GetModelMetadata(request, timeout=30)
    assert error.value.code().name == "INVALID_ARGUMENT"


def test_status(models):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "words"
    (entry,) = models.GetModelStatus(request, timeout=30).model_version_status
    assert (entry.version, entry.status.error_code) == (1, 0)
    assert entry.state == get_model_status_pb2.ModelVersionStatus.AVAILABLE
    request.model_spec.name = "nope"
    with pytest.raises(grpc.RpcError) as error:
        models.GetModelStatus(request, timeout=30)
    assert error.value.code().name == "NOT_FOUND"


def test_what_is_not_served_says_so(stub, models):
    calls = [
        (stub.Classify, classification_pb2.ClassificationRequest()),
        (models.HandleReloadConfigRequest, model_management_pb2.ReloadConfigRequest()),
    ]
    for call, request in calls:
        with pytest.raises(grpc.RpcError) as error:
            call(request, timeout=30)
        assert error.value.code().name == "UNIMPLEMENTED"
