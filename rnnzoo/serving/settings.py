"""Settings of a server."""

from dataclasses import dataclass, fields

from rnnzoo.core.checks import check_positive

# Minimums other than 1 (whole numbers) and 0.001 (seconds).
_MINIMUM = {"rest_port": 0, "grpc_port": 0, "batch_wait": 0, "drain_seconds": 0}


@dataclass(frozen=True)
class ServerSettings:
    """Settings of a server.

    Args:
        host: Address to listen on. Default `"127.0.0.1"`: this machine alone.
        rest_port: Port of the REST API; 0 takes a free one. Default 8501.
        grpc_port: Port of the gRPC API; 0 takes a free one. Default 8500.
        max_batch_size: Maximum number of rows in a batch; 1 switches batching off.
            Default 32.
        batch_wait: Seconds that a row waits for others at most. Default 0.02.
        max_queue: Maximum number of rows that wait for a model; above it the server
            refuses requests. Default 1024.
        max_body: Maximum size of a request in bytes. Default 16 MiB.
        max_held: Maximum size of all open requests in bytes. Default 256 MiB.
        max_decoded: Maximum bytes of images that all models decode at once, 24 bytes
            a pixel; others wait. Default 1 GiB.
        body_seconds: Seconds in which the body of a request must arrive. Default 30.
        header_seconds: Seconds in which path and headers of a request must arrive,
            after their first byte. Default 10.
        idle_seconds: Seconds of silence after which a connection is closed: before
            the first request, between two, and while an answer is not read. Default
            30.
        poll_seconds: Seconds between two scans of the folder. Default 1.
        num_versions: Number of newest versions of each model to serve. Default 1.
        drain_seconds: Seconds for open requests when the server stops. Default 30.
        log_requests: Whether each request is logged. Default `False`: only requests
            that fail by the server's fault.

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
        for field in fields(self):
            name, value = field.name, getattr(self, field.name)
            if field.type is int:
                check_positive(name, value, _MINIMUM.get(name, 1))
            elif field.type is float:
                minimum = _MINIMUM.get(name, 1e-3)
                if not value >= minimum:
                    raise ValueError(
                        f"`{name}` must be {minimum:g} seconds or more. Received: "
                        f"{name}={value!r}"
                    )
