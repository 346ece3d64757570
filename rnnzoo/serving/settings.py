"""Limits and habits of a server."""

from dataclasses import dataclass

from rnnzoo.core.checks import check_positive


@dataclass(frozen=True)
class ServerSettings:
    """Limits and habits of a server.

    Args:
        host: Address to listen on. Default `"127.0.0.1"`: this machine alone.
        rest_port: Port of the REST API; 0 takes a free one. Default 8501.
        grpc_port: Port of the gRPC API; 0 takes a free one. Default 8500.
        max_batch_size: Rows that a model answers at once, at most. 1 switches batching
            off. Default 32.
        batch_wait: Seconds that a row waits for others, at most: until as many wait
            as were answered and waited last. Default 0.02.
        max_queue: Rows that may wait for a model; over it requests are refused at
            once. Default 1024.
        max_body: Bytes of a request. Default 16 MiB.
        max_held: Bytes of all requests that are being read or answered. Default
            256 MiB.
        max_decoded: Bytes that images take at once while they are decoded, of all
            models together: others wait. A pixel counts 24. Default 1 GiB.
        body_seconds: Seconds in which the body of a request must have come.
            Default 30.
        header_seconds: Seconds in which path and headers of a request must have come,
            from their first byte on. Default 10.
        idle_seconds: Seconds of silence after which a connection is closed: before
            the first request, between two, and when an answer is not read. Default
            30.
        poll_seconds: Seconds between two looks at the folder. Default 1.
        num_versions: How many of a model's newest versions are served. Default 1.
        drain_seconds: Seconds that a stopping server gives to what it took.
            Default 30.
        log_requests: Whether each request is logged. Default `False`: those that
            failed by the server's fault.

    Whole numbers may be floats, as in JSON: 5.0 is 5.

    Raises:
        ValueError: If a number is out of range.
    """

    host: str = "127.0.0.1"
    rest_port: int = 8501
    grpc_port: int = 8500
    max_batch_size: int = 32
    batch_wait: float = 0.02
    max_queue: int = 1024
    max_body: int = 16 * 2**20
    max_held: int = 256 * 2**20
    max_decoded: int = 2**30
    body_seconds: float = 30.0
    header_seconds: float = 10.0
    idle_seconds: float = 30.0
    poll_seconds: float = 1.0
    num_versions: int = 1
    drain_seconds: float = 30.0
    log_requests: bool = False

    def __post_init__(self) -> None:
        for name in ("rest_port", "grpc_port"):
            self._check_whole(name, minimum=0)
        for name in (
            "max_batch_size",
            "max_queue",
            "max_body",
            "max_held",
            "max_decoded",
            "num_versions",
        ):
            self._check_whole(name)
        least = {"batch_wait": 0, "drain_seconds": 0}
        for name in (
            "batch_wait",
            "body_seconds",
            "header_seconds",
            "idle_seconds",
            "poll_seconds",
            "drain_seconds",
        ):
            value, minimum = getattr(self, name), least.get(name, 1e-3)
            if not value >= minimum:
                raise ValueError(
                    f"`{name}` must be {minimum:g} seconds or more. Received: "
                    f"{name}={value!r}"
                )

    def _check_whole(self, name: str, minimum: int = 1) -> None:
        value = getattr(self, name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        object.__setattr__(self, name, check_positive(name, value, minimum))
