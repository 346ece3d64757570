"""The files in deploy/ name files, models and ports as they should."""

import re
from pathlib import Path

import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

import rnnzoo

FOLDER = Path(__file__).parents[2] / "deploy"
TF_SERVING = FOLDER / "tf_serving"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((TF_SERVING / "compose.yaml").read_text(encoding="utf-8"))


def test_compose_keeps_to_this_machine(compose):
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
    page = (FOLDER.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    _, _, section = page.partition("## TensorFlow Serving")
    section, _, _ = section.partition("\n## ")
    assert names == re.findall(r"^rnnzoo export (\w+) models$", section, re.MULTILINE)


def test_files_that_the_docs_name_are_there():
    page = (FOLDER.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    named = re.findall(r"deploy/[\w/.]+\.yaml", page)
    assert len(named) >= 2
    assert all((FOLDER.parent / name).is_file() for name in named)


def test_batching_config_pads_nothing():
    text = (TF_SERVING / "batching.config").read_text(encoding="utf-8")
    numbers = dict(re.findall(r"^(\w+) \{ value: (\d+) \}$", text, re.MULTILINE))
    assert (numbers["max_batch_size"], numbers["batch_timeout_micros"]) == (
        "32",
        "5000",
    )
    assert {*numbers} - {"max_batch_size", "batch_timeout_micros"} == {
        "max_enqueued_batches",
        "num_batch_threads",
    }
    assert "\npad_variable_length_inputs: false\n" in text


def test_kserve_serves_a_preset_from_the_volume():
    text = (FOLDER / "kserve" / "sentiment.yaml").read_text(encoding="utf-8")
    claim, service = yaml.safe_load_all(text)
    model = service["spec"]["predictor"]["model"]
    volume, *_, name = model["storageUri"].removeprefix("pvc://").split("/")
    assert volume == claim["metadata"]["name"]
    assert name in {preset.name for preset in rnnzoo.list_presets()}
    assert service["metadata"]["name"] == re.sub("_", "-", name)
