"""Configurations of servers that read ONNX: they name what an export holds."""

import json
from pathlib import Path

import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
)

import rnnzoo

FOLDER = Path(__file__).parents[2] / "deploy"
TRITON = FOLDER / "triton" / "sentiment_en" / "config.pbtxt"
DTYPES = {"TYPE_INT32": "int32", "TYPE_FP32": "float32"}


def model_config():
    """What of Triton's message of that name is used here."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="triton.proto", syntax="proto3")
    types = file.enum_type.add(name="DataType")
    for name, number in (("TYPE_INVALID", 0), ("TYPE_INT32", 8), ("TYPE_FP32", 11)):
        types.value.add(name=name, number=number)
    slot = file.message_type.add(name="Slot")
    one, many = kinds.LABEL_OPTIONAL, kinds.LABEL_REPEATED
    slot.field.add(name="name", number=1, label=one, type=kinds.TYPE_STRING)
    slot.field.add(
        name="data_type",
        number=2,
        label=one,
        type=kinds.TYPE_ENUM,
        type_name="DataType",
    )
    slot.field.add(name="dims", number=4, label=many, type=kinds.TYPE_INT64)
    config = file.message_type.add(name="ModelConfig")
    for name, number in (("name", 1), ("platform", 2)):
        config.field.add(name=name, number=number, label=one, type=kinds.TYPE_STRING)
    config.field.add(name="max_batch_size", number=4, label=one, type=kinds.TYPE_INT32)
    for name, number in (("input", 5), ("output", 6)):
        config.field.add(
            name=name,
            number=number,
            label=many,
            type=kinds.TYPE_MESSAGE,
            type_name="Slot",
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("ModelConfig")
    return message_factory.GetMessageClass(found)()


@pytest.fixture(scope="module")
def signature(published_export):
    folder = published_export("sentiment_en", "onnx")
    assert (folder / "model.onnx").is_file()
    return json.loads((folder / "signature.json").read_text("utf-8"))


def test_triton_is_told_the_graphs_inputs_and_outputs(signature):
    config = text_format.Parse(TRITON.read_text("utf-8"), model_config())
    assert config.name == signature["name"] == TRITON.parent.name
    assert (config.platform, config.max_batch_size) == ("onnxruntime_onnx", 0)
    graph = signature["signatures"]["model"]
    for slots, side in ((config.input, "inputs"), (config.output, "outputs")):
        types = slots[0].DESCRIPTOR.fields_by_name["data_type"].enum_type
        told = {
            slot.name: {
                "dtype": DTYPES[types.values_by_number[slot.data_type].name],
                "shape": [None if size == -1 else size for size in slot.dims],
            }
            for slot in slots
        }
        assert told == graph[side]


def test_openvino_is_told_of_presets_that_are_one_graph():
    content = json.loads((FOLDER / "openvino" / "config.json").read_text("utf-8"))
    models = [entry["config"] for entry in content["model_config_list"]]
    classifiers = {
        preset.name
        for preset in rnnzoo.list_presets()
        if "Classifier" in preset.class_name
    }
    assert {model["name"] for model in models} <= classifiers
    assert all(m["base_path"] == f"/models/{m['name']}" for m in models)
