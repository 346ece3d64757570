"""Metrics of a server, for Prometheus."""

from collections.abc import Callable, Iterable

import prometheus_client as prometheus

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_MODEL = ("model",)
CONTENT_TYPE = prometheus.CONTENT_TYPE_LATEST


class Metrics:
    """Counters of one server. Unknown names of models never become labels."""

    def __init__(self) -> None:
        self._registry = registry = prometheus.CollectorRegistry()
        self._requests = prometheus.Counter(
            "rnnzoo_requests",
            "Requests answered.",
            ("api", "model", "code"),
            registry=registry,
        )
        self._seconds = prometheus.Histogram(
            "rnnzoo_request_seconds",
            "Time from the whole request to its answer.",
            ("api", "model"),
            registry=registry,
            buckets=_SECONDS,
        )
        self._batch_rows = prometheus.Histogram(
            "rnnzoo_batch_rows",
            "Rows answered at once.",
            _MODEL,
            registry=registry,
            buckets=_ROWS,
        )
        self._queue_rows = prometheus.Gauge(
            "rnnzoo_queue_rows", "Rows that wait.", _MODEL, registry=registry
        )
        self._versions = prometheus.Gauge(
            "rnnzoo_model_version",
            "1 for each version that is served.",
            ("model", "version"),
            registry=registry,
        )
        self._failed = prometheus.Counter(
            "rnnzoo_load_failures",
            "Versions that could not be loaded.",
            _MODEL,
            registry=registry,
        )

    def request(self, api: str, model: str, code: str, seconds: float) -> None:
        """Counts an answer; `model` is `""` if it is unknown."""
        self._requests.labels(api, model, code).inc()
        self._seconds.labels(api, model).observe(seconds)

    def batches(self, model: str) -> Callable[[int], None]:
        """Returns a function that counts a batch by its number of rows."""
        return self._batch_rows.labels(model).observe

    def load_failed(self, model: str) -> None:
        """Counts a failed load."""
        self._failed.labels(model).inc()

    def page(self, served: Iterable[tuple[str, int, int]]) -> bytes:
        """Returns the page for Prometheus.

        Args:
            served: Name, version and waiting rows of each served version.
        """
        self._versions.clear()
        self._queue_rows.clear()
        for name, version, rows in served:
            self._versions.labels(name, str(version)).set(1)
            self._queue_rows.labels(name).inc(rows)
        return prometheus.generate_latest(self._registry)
