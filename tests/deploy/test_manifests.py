"""The files in deploy/ are what TensorFlow Serving, Compose and Kubernetes read."""

import copy
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
    wrappers_pb2,
)
from tensorflow_serving.config import model_server_config_pb2

import rnnzoo
from tests.deploy.schemas import (
    BATCHING_PARAMETERS,
    COMPOSE,
    INFERENCE_SERVICE,
    VOLUME_CLAIM,
)

FOLDER = Path(__file__).parents[2] / "deploy"
TF_SERVING = FOLDER / "tf_serving"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((TF_SERVING / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def manifests():
    """The volume claim and the service."""
    text = (FOLDER / "kserve" / "sentiment.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load_all(text))


def test_compose_is_valid_and_keeps_to_this_machine(compose):
    jsonschema.validate(compose, COMPOSE)
    (service,) = compose["services"].values()
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert all(volume["read_only"] for volume in service["volumes"])


def test_compose_names_files_that_are_mounted(compose):
    (service,) = compose["services"].values()
    flags = dict(flag.split("=") for flag in service["command"])
    sources = {volume["target"]: volume["source"] for volume in service["volumes"]}
    assert sources["/config"] == "."
    for flag in ("--model_config_file", "--batching_parameters_file"):
        path = Path(flags[flag])
        assert str(path.parent) == "/config"
        assert (TF_SERVING / path.name).is_file()
    assert flags["--enable_batching"] == "true"


def test_models_config_is_a_model_server_config(compose):
    text = (TF_SERVING / "models.config").read_text(encoding="utf-8")
    config = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    models = config.model_config_list.config
    names = [model.name for model in models]
    assert len(set(names)) == len(names) > 0
    assert set(names) <= {preset.name for preset in rnnzoo.list_presets()}
    for model in models:
        assert model.base_path == f"/models/{model.name}"
        assert model.model_platform == "tensorflow"


def batching_parameters():
    """The message of that name, which `tensorflow-serving-api` does not bring."""
    file = descriptor_pb2.FileDescriptorProto(name="batching.proto", syntax="proto3")
    file.dependency.append("google/protobuf/wrappers.proto")
    message = file.message_type.add(name="BatchingParameters")
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, (number, kind) in BATCHING_PARAMETERS.items():
        field = message.field.add(name=name, number=number, label=kinds.LABEL_OPTIONAL)
        field.type = kinds.TYPE_MESSAGE if kind else kinds.TYPE_BOOL
        if kind:
            field.type_name = f".{kind}"
    pool = descriptor_pool.DescriptorPool()
    wrappers = descriptor_pb2.FileDescriptorProto()
    wrappers_pb2.DESCRIPTOR.CopyToProto(wrappers)
    pool.Add(wrappers)
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("BatchingParameters")
    return message_factory.GetMessageClass(descriptor)()


def test_batching_config_is_read_and_pads_nothing():
    text = (TF_SERVING / "batching.config").read_text(encoding="utf-8")
    parameters = text_format.Parse(text, batching_parameters())
    assert parameters.max_batch_size.value == 32
    assert parameters.batch_timeout_micros.value == 5000
    assert parameters.num_batch_threads.value >= 1
    assert not parameters.pad_variable_length_inputs
    with pytest.raises(text_format.ParseError):
        text_format.Parse("max_batchsize { value: 1 }", batching_parameters())


def test_kserve_manifest_is_valid(manifests):
    claim, service = manifests
    jsonschema.validate(claim, VOLUME_CLAIM)
    jsonschema.validate(service, INFERENCE_SERVICE)
    model = service["spec"]["predictor"]["model"]
    volume, *_, name = model["storageUri"].removeprefix("pvc://").split("/")
    assert volume == claim["metadata"]["name"]
    assert name in {preset.name for preset in rnnzoo.list_presets()}
    assert service["metadata"]["name"] == re.sub("_", "-", name)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("metadata", "name"), "sentiment_en"),
        (("spec", "predictor", "model", "storageUrl"), "pvc://a/b"),
        (("spec", "predictor", "model", "storageUri"), "models/sentiment"),
        (("spec", "predictor", "minReplicas"), "1"),
        (("apiVersion",), "serving.kserve.io/v1"),
    ],
)
def test_the_schema_catches_mistakes(manifests, path, value):
    service = copy.deepcopy(manifests[1])
    part = service
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(service, INFERENCE_SERVICE)
