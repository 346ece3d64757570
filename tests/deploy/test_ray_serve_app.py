"""The Ray Serve application on a local cluster, whose replicas are killed."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import re
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rnnzoo import ImageClassifier
from tests.images.test_pixels import encode

# Ray warns of its own packages, and leaves files open when a cluster stops.
pytestmark = [
    pytest.mark.ray,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NAME = "ray_test_shades"
PORT = 18531
NUM_REQUESTS = 600
TIMEOUT = 60


def call(port, path, body=None):
    """Status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    url = f"http://127.0.0.1:{port}/v1/models/{path}"
    try:
        with urllib.request.urlopen(url, data, timeout=TIMEOUT) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def instance(data):
    return {"b64": base64.b64encode(data).decode()}


def replicas():
    """Process ids of the model's replicas."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            title = path.read_text()
        except OSError:  # it has ended
            continue
        if title.startswith("ray::ServeReplica:") and NAME in title:
            found.append(int(path.parent.name))
    return sorted(found)


def wait_for(condition):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not come true in two minutes"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def model():
    return ImageClassifier((5, 7, 3), labels=["dark", "bright", "dim"], units=[2])


def is_up():
    try:
        return call(PORT, NAME)[0] == 200
    except (OSError, ValueError):
        return False


def documented_settings():
    """The settings in the command that the docs give."""
    page = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text("utf-8")
    (line,) = re.findall(r"^serve run deploy.ray_serve_app:build (.*)$", page, re.M)
    return dict(setting.split("=") for setting in line.split())


@pytest.fixture(scope="module")
def port(model, tmp_path_factory):
    """The port of a local cluster with two replicas."""
    # By default a proxy that takes 15 seconds to start is taken for a dead one.
    for check in ("READY", "HEALTH"):
        os.environ[f"RAY_SERVE_PROXY_{check}_CHECK_TIMEOUT_S"] = "120"
    # Ray's workers give way to all else, and a busy machine starves them.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112  (Ray spells it so)
    import ray
    from ray import serve

    from deploy.ray_serve_app import Settings, build

    base = tmp_path_factory.mktemp("models")
    model.export(base, 2, NAME)
    ray.init(
        num_cpus=2,
        object_store_memory=80 * 2**20,
        include_dashboard=False,
        log_to_driver=False,
        _temp_dir="/tmp/ray-rnnzoo",  # a socket's path may have 107 bytes
    )
    try:
        # On a busy machine it takes longer than Ray waits; it starts all the same.
        with contextlib.suppress(TimeoutError):
            serve.start(http_options={"host": "127.0.0.1", "port": PORT})
        settings = {**documented_settings(), "base": str(base), "num_cpus": "0.5"}
        serve.run(build(Settings(**settings)))
        wait_for(is_up)
        yield PORT
    finally:
        serve.shutdown()
        ray.shutdown()


def test_every_request_is_answered_though_a_replica_is_killed(port, model, capsys):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (4, 6, 3), "uint8") for _ in range(5)]
    expected = [answer["label"] for answer in model.classify(images)]
    files = [encode(image, "PNG") for image in images]
    wait_for(lambda: len(replicas()) == 2)
    victim = replicas()[0]
    count = itertools.count()

    def ask(i):
        if next(count) == NUM_REQUESTS // 3:
            os.kill(victim, signal.SIGKILL)
        if i % 10 == 9:
            files_sent, good = [b"no image"], None
        else:
            files_sent, good = [files[i % 5]], expected[i % 5]
        status, answer = call(
            port,
            f"{NAME}:predict",
            {"instances": [instance(data) for data in files_sent]},
        )
        if good is None:
            return status == 400 and "must be a JPEG or PNG file" in answer["error"]
        return status == 200 and answer["predictions"][0]["label"] == good

    start = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(NUM_REQUESTS)))
    seconds = time.monotonic() - start
    assert all(answers), answers.count(False)
    assert victim not in replicas()
    wait_for(lambda: len(replicas()) == 2)
    with capsys.disabled():
        print(
            f"\n{NUM_REQUESTS} requests of 16 clients, {sum(answers)} answered as they "
            f"should be in {seconds:.1f} s; replica {victim} killed, {replicas()} serve"
        )


def test_paths_and_errors_are_those_of_tensorflow_serving(port):
    status, answer = call(port, NAME)
    (version,) = answer["model_version_status"]
    assert (status, version["version"], version["state"]) == (200, "2", "AVAILABLE")
    pixels = np.zeros((1, 5, 7, 3)).tolist()
    status, answer = call(
        port,
        f"{NAME}/versions/2:predict",
        {"signature_name": "serve_images", "inputs": pixels},
    )
    assert (status, len(answer["outputs"]["probabilities"][0])) == (200, 3)
    for path, body, code, message in (
        ("nobody:predict", {"instances": ["x"]}, 404, "Latest(nobody)"),
        (f"{NAME}/versions/1:predict", {"instances": ["x"]}, 404, "Specific("),
        (f"{NAME}:predict", {"instances": []}, 400, "one row or more"),
        (f"{NAME}:predict", {"instances": [1]}, 400, "not of expected type"),
        (f"{NAME}:predict", [], 400, "'instances' or 'inputs'"),
        (f"{NAME}:predict", {"inputs": "x" * 2**24}, 413, "16,777,216 bytes at most"),
        (f"{NAME}:predict", None, 400, "Malformed request: GET"),
        (
            f"{NAME}:predict",
            {"instances": ["x"], "signature_name": "other"},
            400,
            "['serve_images', 'serving_default']",
        ),
    ):
        status, answer = call(port, path, body)
        assert (status, message in answer["error"]) == (code, True), answer


@pytest.mark.parametrize("num_deaths", [0, 1, 2])
def test_a_request_is_sent_once_more(num_deaths):
    from ray.exceptions import RayActorError

    from deploy.ray_serve_app import call_twice
    from rnnzoo.serving import ServingError

    deaths = [RayActorError() for _ in range(num_deaths)]

    class Handle:
        @property
        def predict(self):
            return self

        async def remote(self, body):
            if deaths:
                raise deaths.pop()
            return 200, body

    if num_deaths < 2:
        assert asyncio.run(call_twice(Handle(), b"{}")) == (200, b"{}")
    else:
        with pytest.raises(ServingError, match="Two replicas died"):
            asyncio.run(call_twice(Handle(), b"{}"))


def test_the_newest_version_is_found(tmp_path):
    from deploy.ray_serve_app import newest_versions

    with pytest.raises(ValueError, match=r"<model>/<version>/saved_model.pb"):
        newest_versions(tmp_path)
    for version in ("9", "10", "latest"):
        (tmp_path / "m" / version).mkdir(parents=True)
        (tmp_path / "m" / version / "saved_model.pb").touch()
    assert newest_versions(tmp_path) == {"m": tmp_path / "m" / "10"}
