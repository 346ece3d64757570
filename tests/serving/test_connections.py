"""Connections that say nothing, too little, or do not listen are closed."""

import contextlib
import json
import socket

import pytest

from rnnzoo.serving import Server, ServerSettings

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def port(tiny_base):
    settings = ServerSettings(
        rest_port=0, grpc_port=0, header_seconds=0.3, idle_seconds=0.3
    )
    with Server(tiny_base, settings) as server:
        yield server.rest_port


def everything(connection):
    """What comes until the server closes, which it must."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(2**16):
            received += part
    return received


def test_silent_connections_are_closed(port):
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        assert everything(connection) == b""


def test_half_a_request_is_not_waited_for(port):
    halves = [socket.create_connection(("127.0.0.1", port), 60) for _ in range(50)]
    for half in halves:
        half.sendall(GET)
    for half in halves:
        with half:
            answer = everything(half)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"must come sooner" in answer


def test_a_connection_is_kept_for_the_next_request_and_then_closed(port):
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        for _ in range(2):
            connection.sendall(GET + b"\r\n")
            assert connection.recv(2**16).startswith(b"HTTP/1.1 200 ")
        connection.sendall(GET)  # half of a third one
        assert everything(connection).startswith(b"HTTP/1.1 408 ")


def test_an_answer_that_is_not_read_is_dropped(port):
    """Answers that are larger than the buffers between, and nobody reads them."""
    body = json.dumps({"inputs": ["a" * 1000] * 500}).encode()
    head = "POST /v1/models/words:predict HTTP/1.1\r\nHost: x\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", port))

        def ask_and_ask():
            while True:
                connection.sendall(request)

        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            ask_and_ask()
