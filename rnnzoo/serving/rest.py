"""TensorFlow Serving's REST API."""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rnnzoo.serving.answers import to_json
from rnnzoo.serving.batching import Arrays
from rnnzoo.serving.bodies import Bodies
from rnnzoo.serving.errors import ServingError, invalid, shorten
from rnnzoo.serving.log import log, log_request
from rnnzoo.serving.messages import metadata_dict, status_message, to_dict
from rnnzoo.serving.metrics import CONTENT_TYPE, Metrics
from rnnzoo.serving.repository import ModelRepository
from rnnzoo.serving.servable import Servable
from rnnzoo.serving.settings import ServerSettings
from rnnzoo.serving.tensors import columns_to_arrays, rows_to_arrays

_MODEL = r"/v1/models/([^/:]+)(?:/versions/(\d+))?"
_FLAGS = re.ASCII | re.IGNORECASE
_POST = re.compile(rf"{_MODEL}:predict", _FLAGS)
_GET = re.compile(rf"{_MODEL}(/metadata)?", _FLAGS)
# Larger bodies are parsed on another thread: they would delay other requests.
_LARGE_BODY = 2**18
_MAX_VERSION = 2**63 - 1


class RestApi:
    """The HTTP application.

    Args:
        models: Served models.
        settings: Whether requests are logged.
        metrics: Counts requests; its page is `/metrics`.
        bodies: Reads requests.
        is_ready: Whether the server accepts requests, for `/healthz`.
    """

    def __init__(
        self,
        models: ModelRepository,
        settings: ServerSettings,
        metrics: Metrics,
        bodies: Bodies,
        is_ready: Callable[[], bool],
    ):
        self._models = models
        self._settings = settings
        self._metrics = metrics
        self._is_ready = is_ready
        self._bodies = bodies
        every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
        self.app = Starlette(
            routes=[
                Route("/healthz", self._health),
                Route("/metrics", self._metrics_page),
                # TensorFlow Serving's default path.
                Route("/monitoring/prometheus/metrics", self._metrics_page),
                Route("/{path:path}", self._api, methods=every),
            ]
        )

    async def _health(self, request: Request) -> Response:
        versions: dict[str, list[int]] = {}
        for servable in self._models.served():
            versions.setdefault(servable.name, []).append(servable.version)
        is_ready = self._is_ready() and bool(versions)
        state = {"status": "ok" if is_ready else "unavailable", "models": versions}
        return _respond(orjson.dumps(state), 200 if is_ready else 503)

    async def _metrics_page(self, request: Request) -> Response:
        served = (
            (servable.name, servable.version, servable.batcher.rows_waiting)
            for servable in self._models.served()
        )
        return Response(self._metrics.page(served), media_type=CONTENT_TYPE)

    async def _api(self, request: Request) -> Response:
        start = time.perf_counter()
        path = request.scope["raw_path"].decode("latin-1")
        model, error = "", None
        try:
            model, content = await self._answer(request, path)
        except ServingError as refused:
            error = refused
        except ClientDisconnect:
            error = ServingError("CANCELLED", "The client has gone")
        except Exception:
            log("failed", logging.ERROR, path=shorten(path, 200), exc_info=True)
            error = ServingError("INTERNAL", "Internal error: see the server's log")
        status = 200
        if error is not None:
            match = _POST.fullmatch(path) or _GET.fullmatch(path)
            model = unquote(match[1]) if match else ""
            model = model if self._models.is_served(model) else ""
            content = orjson.dumps({"error": error.message})
            status = error.status
        seconds = time.perf_counter() - start
        self._metrics.request("rest", model, str(status), seconds)
        is_failure = status >= 500 and status != 503
        if self._settings.log_requests or is_failure:
            log_request(
                is_failure,
                error.message if error else "",
                seconds,
                api="rest",
                method=request.method,
                path=shorten(path, 200),
                status=status,
            )
        return _respond(content, status)

    async def _answer(self, request: Request, path: str) -> tuple[str, bytes]:
        if request.method == "GET":
            if match := _GET.fullmatch(path):
                wanted = _wanted_version(match)
                return wanted[0], self._describe(*wanted, bool(match[3]))
        elif request.method == "POST" and (match := _POST.fullmatch(path)):
            name, version = _wanted_version(match)
            async with self._bodies.read(request) as data:
                return name, await answer(self._models.get(name, version), data)
        if not path.lower().startswith("/v1/"):
            raise ServingError("NOT_FOUND", f"Not found: {shorten(path, 200)}")
        raise invalid(f"Malformed request: {request.method} {shorten(path, 200)}")

    def _describe(self, name: str, version: int | None, is_metadata: bool) -> bytes:
        if is_metadata:
            content = metadata_dict(self._models.get(name, version))
        else:
            content = to_dict(status_message(self._models.status(name, version)))
        return orjson.dumps(content, option=orjson.OPT_INDENT_2)


async def answer(servable: Servable, data: bytes | bytearray) -> bytes:
    """Returns the JSON answer to the body of a request.

    Raises:
        ServingError: If the body does not fit, or the model fails.
    """
    if len(data) < _LARGE_BODY:
        parsed = _parse(data, servable)
    else:
        parsed = await asyncio.to_thread(_parse, data, servable)
    signature, inputs, by_row = parsed
    outputs = await servable.predict(signature, inputs)
    return to_json(outputs, by_row)


def _wanted_version(match: re.Match) -> tuple[str, int | None]:
    name, digits = unquote(match[1]), match[2]
    if digits and int(digits[:20]) > _MAX_VERSION:
        raise invalid(f"Failed to convert version: {shorten(digits)} to numeric.")
    return name, int(digits) if digits else None


def _parse(data: bytes | bytearray, servable: Servable) -> tuple[str, Arrays, bool]:
    """Returns the signature, the inputs, and whether they are rows."""
    try:
        request = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise invalid(f"JSON Parse error: {shorten(str(error), 200)}") from None
    if type(request) is not dict:
        raise invalid("The JSON value must be an object. Received: another type")
    signature = request.get("signature_name", "")
    if type(signature) is not str:
        raise invalid("'signature_name' key must be a string value.")
    specs = servable.signature(signature).inputs
    if not specs:
        raise invalid(f"Failed to get input map for signature: {signature}")
    if "instances" in request and "inputs" in request:
        raise invalid("Expecting only one of 'inputs' or 'instances' keys to exist")
    if "instances" in request:
        rows = request["instances"]
        if type(rows) is not list:
            raise invalid("Expecting 'instances' to be a list/array")
        if not rows:
            raise invalid("No values in 'instances' array")
        return signature, rows_to_arrays(rows, specs), True
    if "inputs" in request:
        return signature, columns_to_arrays(request["inputs"], specs), False
    raise invalid("Missing 'inputs' or 'instances' key")


def _respond(content: bytes, status: int) -> Response:
    return Response(content, status, media_type="application/json")
