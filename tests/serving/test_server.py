"""A server from its start to its end: versions, crowds, signals."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
import requests
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from rnnzoo.serving import Server, ServerSettings
from rnnzoo.serving.servable import Servable
from tests.serving import tiny_models


def settings(**changes):
    return ServerSettings(rest_port=0, grpc_port=0, **changes)


def get(server, path):
    return requests.get(f"http://127.0.0.1:{server.rest_port}{path}", timeout=60)


def ask(server, model="words", body=None, version="", session=requests):
    path = f"http://127.0.0.1:{server.rest_port}/v1/models/{model}{version}:predict"
    return session.post(path, json=body or {"instances": ["a"]}, timeout=60)


def version_of(server):
    return ask(server).json()["predictions"][0]["label"]


def until(condition, seconds=120):
    """Waits for a condition, and fails if it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.01)


def shows(server, line):
    """Whether the metrics contain a line."""
    return line in get(server, "/metrics").text


def numbers_request():
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "numbers"
    request.inputs["x"].CopyFrom(tf.make_tensor_proto([[1.0, 2.0]]))
    return request


def states(server):
    entries = get(server, "/v1/models/words").json()["model_version_status"]
    return {entry["version"]: entry["state"] for entry in entries}


@pytest.fixture
def gate(monkeypatch):
    """Holds back the model `numbers` while it is cleared."""
    gate = threading.Event()
    gate.set()  # a server tries each signature before it serves
    run = Servable._run

    def wait(self, signature, inputs):
        if self.name == "numbers":
            gate.wait(60)
        return run(self, signature, inputs)

    monkeypatch.setattr(Servable, "_run", wait)
    yield gate
    gate.set()


def test_versions_come_go_and_are_damaged_under_load(tmp_path, caplog):
    caplog.set_level("INFO", "rnnzoo.serving")
    base = tmp_path / "models"
    spare = tiny_models.write_words(tmp_path / "aside", 2)
    spoilt = tiny_models.write_words(tmp_path / "aside", 3)
    whole = (spoilt / "saved_model.pb").read_bytes()
    (spoilt / "saved_model.pb").write_bytes(whole[: len(whole) // 2])
    tiny_models.write_words(base)
    answers, over = [], threading.Event()

    def load(server):
        with requests.Session() as session:
            while not over.is_set():
                answers.append(ask(server, session=session))

    with Server(base, settings(poll_seconds=0.02)) as server:
        with ThreadPoolExecutor(4) as pool:
            loads = [pool.submit(load, server) for _ in range(4)]
            until(lambda: len(answers) > 20)
            spare.rename(base / "words" / "2")
            until(lambda: version_of(server) == "a@2")
            assert ask(server, version="/versions/1").status_code == 404
            until(lambda: states(server) == {"2": "AVAILABLE", "1": "END"})

            spoilt.rename(base / "words" / "3")
            until(lambda: "3" in states(server) and states(server)["3"] == "END")
            assert version_of(server) == "a@2"
            (failure,) = [r for r in caplog.records if r.message == "load_failed"]
            assert failure.levelname == "ERROR"
            assert failure.fields["version"] == 3
            assert failure.fields["still_served"] == [2]
            assert "saved_model.pb is damaged" in failure.fields["reason"]

            (base / "words" / "3" / "saved_model.pb").write_bytes(whole)
            until(lambda: version_of(server) == "a@3")
            shutil.rmtree(base / "words" / "3")
            until(lambda: version_of(server) == "a@2")
            # What is loaded is not read again: its file may go.
            (base / "words" / "2" / "saved_model.pb").unlink()
            count = len(answers)
            until(lambda: len(answers) > count + 100)
            over.set()
            for done in loads:
                done.result()
        assert version_of(server) == "a@2"
        shutil.rmtree(base / "words")
        until(lambda: ask(server).status_code == 404)
    assert {answer.status_code for answer in answers} == {200}
    seen = {answer.json()["predictions"][0]["label"] for answer in answers}
    assert seen == {"a@1", "a@2", "a@3"}


@pytest.mark.parametrize("missing", ["variables/variables.index", "variables"])
def test_why_a_version_cannot_be_loaded(tmp_path, caplog, missing):
    folder = tiny_models.write_words(tmp_path)
    lost = folder / missing
    shutil.rmtree(lost) if lost.is_dir() else lost.write_bytes(b"nonsense")
    with Server(tmp_path, settings()) as server:
        assert get(server, "/healthz").status_code == 503
        assert states(server) == {"1": "END"}
    (failure,) = [r for r in caplog.records if r.message == "load_failed"]
    assert failure.fields["reason"]


def test_several_versions_side_by_side(tmp_path):
    for version in (1, 2, 10):
        tiny_models.write_words(tmp_path, version)
    (tmp_path / "words" / "notes").mkdir()
    (tmp_path / ".words").mkdir()
    with Server(tmp_path, settings(num_versions=2)) as server:
        assert version_of(server) == "a@10"
        answer = ask(server, version="/versions/2").json()
        assert answer["predictions"][0]["label"] == "a@2"
        assert ask(server, version="/versions/1").status_code == 404


def test_each_signature_runs_before_a_model_is_served(tmp_path, monkeypatch):
    """What is built when a signature first runs is built before a client waits."""
    tried = []
    run = Servable._run

    def remember(self, signature, inputs):
        outputs = run(self, signature, inputs)
        tried.append((self.name, signature))
        return outputs

    monkeypatch.setattr(Servable, "_run", remember)
    tiny_models.write_image(tmp_path)
    tiny_models.write_numbers(tmp_path)
    with Server(tmp_path, settings()):
        pass
    numbers = {("numbers", name) for name in ("serving_default", "inverse", "total")}
    assert set(tried) == {("image", "serving_default"), *numbers}


def test_a_slow_model_holds_up_nobody_and_its_queue_is_bounded(tiny_base, gate):
    body = {"instances": [[1.0, 2.0]]}
    with (
        Server(tiny_base, settings(max_queue=2)) as server,
        ThreadPoolExecutor(3) as pool,
    ):
        gate.clear()
        slow = [pool.submit(ask, server, "numbers", body)]
        until(lambda: shows(server, 'rnnzoo_batch_rows_count{model="numbers"} 1.0'))
        slow += [pool.submit(ask, server, "numbers", body) for _ in range(2)]
        until(lambda: shows(server, 'rnnzoo_queue_rows{model="numbers"} 2.0'))
        for _ in range(20):
            assert ask(server).status_code == 200
        full = ask(server, "numbers", body)
        assert full.status_code == 503
        assert "The queue of numbers is full: 2 of 2 rows" in full.json()["error"]
        with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
            stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            with pytest.raises(grpc.RpcError) as error:
                stub.Predict(numbers_request(), timeout=60)
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        gate.set()
        answers = [done.result().json() for done in slow]
    assert answers == [{"predictions": [[2.0, 4.0]]}] * 3


def test_a_stopping_server_finishes_what_it_took(tiny_base, gate):
    body = {"instances": [[1.0, 2.0]]}
    server = Server(tiny_base, settings())
    server.start()
    gate.clear()
    with (
        grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel,
        ThreadPoolExecutor(2) as pool,
    ):
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        # One is being answered before the other comes: together they would be a batch.
        called = stub.Predict.future(numbers_request(), timeout=60)
        until(lambda: shows(server, 'rnnzoo_batch_rows_count{model="numbers"} 1.0'))
        taken = pool.submit(ask, server, "numbers", body)
        until(lambda: shows(server, 'rnnzoo_queue_rows{model="numbers"} 1.0'))
        stopped = pool.submit(server.stop)

        def is_closed():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", server.rest_port)) != 0

        until(is_closed)
        assert not taken.done()
        gate.set()
        assert taken.result().json() == {"predictions": [[2.0, 4.0]]}
        assert list(called.result().outputs["y"].float_val) == [2.0, 4.0]
        stopped.result()


def test_a_port_that_is_taken_and_a_folder_that_is_not_there(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for changes in ({"rest_port": port}, {"grpc_port": port}):
            ports = {"rest_port": 0, "grpc_port": 0, **changes}
            with pytest.raises(
                OSError, match=f"cannot listen on 127.0.0.1, port {port}"
            ):
                Server(tmp_path, ServerSettings(**ports)).start()
    with pytest.raises(FileNotFoundError, match="no folder of models"):
        Server(tmp_path / "nope")
    for name, value in (("max_queue", 0), ("max_queue", 5.5), ("idle_seconds", 0)):
        with pytest.raises(ValueError, match=f"Received: {name}={value}"):
            ServerSettings(**{name: value})


def test_the_command_logs_json_and_ends_at_sigterm(tiny_base, tmp_path):
    shutil.copytree(tiny_base / "words", tmp_path / "words")
    options = ["--rest-port", "0", "--grpc-port", "0", "--log-requests"]
    command = [sys.executable, "-m", "rnnzoo", "serve", str(tmp_path), *options]
    # A user who sets it wants more than JSON.
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        lines = []
        for line in process.stderr:
            lines.append(json.loads(line))
            if lines[-1]["event"] == "listening":
                break
        path = f"http://127.0.0.1:{lines[-1]['rest_port']}/v1/models/words:predict"
        answer = requests.post(path, json={"instances": ["a"]}, timeout=60)
        assert answer.json()["predictions"][0]["label"] == "a@1"
        requests.post(path, data=b"{", timeout=60)
        process.send_signal(signal.SIGTERM)
        lines += [json.loads(line) for line in process.stderr]
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
    events = [line["event"] for line in lines]
    expected = ["loaded", "listening", "request", "request", "stopping", "stopped"]
    assert events == expected
    good, bad = (line for line in lines if line["event"] == "request")
    assert (good["status"], good["method"], good["level"]) == (200, "POST", "info")
    assert bad["status"] == 400
    assert "JSON Parse error" in bad["reason"]
