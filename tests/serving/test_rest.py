"""The REST API, as TensorFlow Serving's documentation has it."""

import asyncio
import base64
import json
import socket

import numpy as np
import pytest
import requests
from starlette.requests import Request

from rnnzoo.serving import ServerSettings, ServingError
from rnnzoo.serving.bodies import Bodies
from tests.serving.running import in_event_loop


def post(url, path, body, **kwargs):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(f"{url}/v1/models/{path}", data=data, timeout=30, **kwargs)


def test_status(url):
    expected = {
        "model_version_status": [
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }
    for path in ("words", "words/versions/1", "words/versions/001"):
        response = requests.get(f"{url}/v1/models/{path}", timeout=30)
        assert (response.status_code, response.json()) == (200, expected)
    assert response.headers["content-type"] == "application/json"
    assert "access-control-allow-origin" not in response.headers


def test_metadata(url):
    answer = requests.get(f"{url}/v1/models/mixed/metadata", timeout=30).json()
    assert answer["model_spec"] == {
        "name": "mixed",
        "signature_name": "",
        "version": "1",
    }
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert list(signatures) == ["serving_default"]
    inputs = signatures["serving_default"]["inputs"]
    assert inputs["flags"]["dtype"] == "DT_BOOL"
    dims = inputs["flags"]["tensor_shape"]["dim"]
    assert [dim["size"] for dim in dims] == ["-1", "3"]
    assert signatures["serving_default"]["method_name"] == "tensorflow/serving/predict"


def test_rows_and_columns(url):
    rows = post(url, "words:predict", {"instances": ["a", "b"]})
    assert rows.status_code == 200
    assert rows.json() == {
        "predictions": [
            {"label": f"{text}@1", "probabilities": [0.25, 0.75], "score": 0.75}
            for text in "ab"
        ]
    }
    columns = post(url, "words:predict", {"inputs": ["a", "b"]})
    assert columns.json() == {
        "outputs": {
            "label": ["a@1", "b@1"],
            "probabilities": [[0.25, 0.75]] * 2,
            "score": [0.75, 0.75],
        }
    }


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [[1, 2.5], [-3, 4]]},
        {"instances": [{"x": [1, 2.5]}, {"x": [-3, 4]}]},
        {"inputs": [[1, 2.5], [-3, 4]]},
        {"inputs": {"x": [[1, 2.5], [-3, 4]]}},
        {"inputs": {"x": [[1, 2.5], [-3, 4]]}, "signature_name": "serving_default"},
        {"instances": [[1, 2.5], [-3, 4]], "signature_name": ""},
    ],
)
def test_one_output_loses_its_name(url, body):
    answer = post(url, "numbers:predict", body).json()
    assert [*answer.values()] == [[[2, 5], [-6, 8]]]
    assert [*answer] == ["predictions" if "instances" in body else "outputs"]


def test_floats_are_as_short_as_they_can_be(url):
    answer = post(url, "numbers:predict", {"instances": [[0.05, 0.45]]})
    assert answer.text == '{"predictions":[[0.1,0.9]]}'


def test_several_inputs_bytes_and_wide_integers(url):
    row = {"number": 7, "flags": [True, False, True]}
    expected = {
        "text": "7",
        "text_bytes": {"b64": base64.b64encode(b"7").decode()},
        "count": 2**40 + 2,
    }
    answer = post(url, "mixed:predict", {"instances": [row]}).json()
    assert answer == {"predictions": [expected]}
    columns = {name: [value] for name, value in row.items()}
    answer = post(url, "mixed:predict", {"inputs": columns}).json()
    assert answer == {"outputs": {name: [value] for name, value in expected.items()}}


def test_base64_is_bytes_and_need_not_be_padded(url):
    texts = [{"b64": "w6k="}, {"b64": "w6k"}, {"b64": ""}, "é"]
    answer = post(url, "words:predict", {"inputs": texts}).json()["outputs"]
    assert answer["label"] == ["é@1", "é@1", "@1", "é@1"]


def test_outputs_that_are_not_finite_or_not_utf8(url):
    body = {"inputs": [0.0, 2.0], "signature_name": "inverse"}
    answer = post(url, "numbers:predict", body)
    assert answer.text == '{"outputs": [Infinity, 0.5]}'
    text = base64.b64encode(b"a\xff").decode()
    answer = post(url, "words:predict", {"instances": [{"b64": text}]}).json()
    assert answer["predictions"][0]["label"] == "a\ufffd@1"


def test_no_rows_are_no_answer_but_no_error(url):
    body = {"signature_name": "inverse", "inputs": []}
    assert post(url, "numbers:predict", body).json() == {"outputs": []}


def test_outputs_that_do_not_go_by_row(url):
    """`total` says that it gives a row for each row, and does not."""
    body = {"signature_name": "total", "inputs": {"x": [1.0, 2.0, 6.0]}}
    for _ in range(3):
        assert post(url, "numbers:predict", body).json() == {"outputs": [6.0]}
    many = {"signature_name": "total", "inputs": {"x": [*range(100)]}}
    assert post(url, "numbers:predict", many).json()["outputs"] == [*range(50, 100)]


def test_a_request_larger_than_a_batch(url):
    texts = [str(i) for i in range(1000)]
    answer = post(url, "words:predict", {"inputs": texts}).json()["outputs"]
    assert answer["label"] == [f"{text}@1" for text in texts]
    assert np.shape(answer["probabilities"]) == (1000, 2)


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1/models/nope", 404, "Could not find any versions of model nope"),
        (
            "GET",
            "/v1/models/words/versions/2",
            404,
            "Could not find version 2 of model",
        ),
        ("GET", "/v1/models/nope/metadata", 404, "not found for request: Latest(nope)"),
        ("GET", "/v1/models/words:predict", 400, "Malformed request: GET /v1/models/w"),
        ("POST", "/v1/models/words", 400, "Malformed request: POST /v1/models/words"),
        ("POST", "/v1/models/nope:predict", 404, "not found for request: Latest(nope)"),
        ("POST", "/v1/models/words/versions/9:predict", 404, "Specific(words, 9)"),
        ("POST", "/v1/models/words/labels/x:predict", 400, "Malformed request"),
        ("POST", "/v1/models/words:regress", 400, "Malformed request"),
        ("GET", "/nope", 404, "Not found: /nope"),
    ],
)
def test_errors_are_those_of_tensorflow_serving(url, method, path, status, message):
    body = b'{"instances": ["a"]}' if method == "POST" else None
    response = requests.request(method, url + path, data=body, timeout=30)
    assert response.status_code == status
    assert list(response.json()) == ["error"]
    assert message in response.json()["error"]


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("words:predict", {}, "Missing 'inputs' or 'instances' key"),
        ("words:predict", {"instances": []}, "No values in 'instances' array"),
        ("words:predict", {"instances": ["a"], "inputs": ["a"]}, "only one of"),
        ("words:predict", {"instances": [1]}, "must be of type string"),
        ("words:predict", {"instances": [["a"]]}, "shape [?]. Received: shape [1,1]"),
        ("words:predict", {"instances": ["a"], "signature_name": "x"}, 'name: "x" not'),
        ("words:predict", b'{"instances": [', "JSON Parse error"),
        ("numbers:predict", b'{"instances": [[NaN, 1]]}', "JSON Parse error"),
        ("numbers:predict", {"instances": [[1, 2], [3]]}, "one size at level 1: 2"),
        ("numbers:predict", {"instances": [[1, 2**24 + 1]]}, "loss of precision"),
        ("mixed:predict", {"instances": [1]}, "expecting list of objects"),
        ("mixed:predict", {"instances": [{"number": 1}]}, "but required: {flags}"),
        ("mixed:predict", {"inputs": {"number": 1, "x": 2}}, "Sent extra: {x}"),
        (
            "image:predict",
            {"instances": [{"b64": "Qk02"}]},
            "must be a JPEG, PNG, GIF or WebP",
        ),
    ],
)
def test_bad_requests_are_told_why(url, path, body, message):
    response = post(url, path, body)
    assert response.status_code == 400
    assert message in response.json()["error"]
    assert "node" not in response.json()["error"]  # no inside of the graph


def test_the_limit_on_bodies_is_stated(url):
    body = b'{"instances": ["' + b"a" * 2**20 + b'"]}'
    for data in (body, (body[i : i + 2**17] for i in range(0, len(body), 2**17))):
        response = requests.post(
            f"{url}/v1/models/words:predict", data=data, timeout=30
        )
        assert response.status_code == 413
        assert response.json() == {"error": "A body may have 1,048,576 bytes at most"}


def test_headers_have_a_limit(server):
    with socket.create_connection(("127.0.0.1", server.rest_port), 30) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ")
        sent = 0
        try:
            while sent < 2**26:  # far more than the buffers between hold
                sent += connection.send(b"a" * 2**16)
        except OSError:
            pass
        assert sent < 2**26


def test_health_and_metrics(url):
    health = requests.get(f"{url}/healthz", timeout=30)
    assert health.status_code == 200
    models = {"image": [1], "mixed": [1], "numbers": [1], "words": [1]}
    assert health.json() == {"status": "ok", "models": models}
    post(url, "words:predict", {"instances": ["a", "b"]})
    post(url, "made-up:predict", {"instances": ["a"]})
    for path in ("/metrics", "/monitoring/prometheus/metrics"):
        page = requests.get(url + path, timeout=30).text
        assert 'rnnzoo_requests_total{api="rest",code="200",model="words"}' in page
        assert 'rnnzoo_requests_total{api="rest",code="404",model=""}' in page
        assert 'rnnzoo_batch_rows_count{model="words"}' in page
        assert 'rnnzoo_model_version{model="words",version="1"} 1.0' in page
        assert "made-up" not in page


@in_event_loop
async def test_bodies_that_are_held_or_do_not_come():
    async def read(*chunks):
        waiting = [
            {"type": "http.request", "body": chunk, "more_body": True}
            for chunk in chunks
        ]

        async def receive():
            return waiting.pop(0) if waiting else await asyncio.Event().wait()

        async with bodies.read(Request({"type": "http", "headers": []}, receive)):
            raise AssertionError("it never ends")

    bodies = Bodies(ServerSettings(max_body=8, max_held=10, body_seconds=0.2))
    first = asyncio.create_task(read(b"a" * 8))
    await asyncio.sleep(0.05)
    with pytest.raises(ServingError, match="holds 8 bytes") as full:
        await read(b"a" * 3)
    assert full.value.status == 503
    with pytest.raises(ServingError, match=r"within 0.2 seconds") as slow:
        await first
    assert slow.value.status == 408
    with pytest.raises(ServingError, match="8 bytes at most"):
        await read(b"a" * 3, b"a" * 6)
    with (
        pytest.raises(ServingError, match="holds 8 bytes"),
        bodies.hold(8),
        bodies.hold(3),
    ):
        raise AssertionError("it is too much")
    assert bodies._held == 0
