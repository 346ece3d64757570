"""Exported models on Ray Serve, with TensorFlow Serving's REST paths.

    rnnzoo export sentiment_en models
    serve run deploy.ray_serve_app:build base=models num_replicas=2

Each model below `base` becomes a deployment of its newest version. A replica checks and
batches requests as `rnnzoo serve` does. If a replica dies, the ingress sends its
requests once more: a prediction changes nothing.

Needs `rnnzoo[ray,serve]`.
"""

import re
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, PositiveFloat, PositiveInt
from ray import serve
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError
from starlette.requests import Request
from starlette.responses import Response

from rnnzoo.serving import ServerSettings, ServingError
from rnnzoo.serving.errors import invalid, shorten
from rnnzoo.serving.metrics import Metrics
from rnnzoo.serving.repository import find_versions
from rnnzoo.serving.rest import answer
from rnnzoo.serving.servable import Servable

MAX_BODY = 16 * 2**20
PATH = re.compile(r"/v1/models/([\w.-]+)(?:/versions/(\d{1,18}))?(:predict)?", re.ASCII)


class Settings(BaseModel, extra="forbid"):
    """Settings of `build`.

    Args:
        base: Folder of all models, at the same place on every node.
        num_replicas: Replicas of each model.
        num_cpus: Cores that a replica reserves, and threads of its matrix products.
        max_queued_requests: Requests that wait for a model; over it, 503.
    """

    base: str
    num_replicas: PositiveInt = 2
    num_cpus: PositiveFloat = 1.0
    max_queued_requests: PositiveInt = 1024


@serve.deployment(max_ongoing_requests=64)
class Model:
    """A replica of one version of a model.

    Args:
        folder: Folder of the SavedModel, `<base>/<model>/<version>`.
        num_threads: Threads of a matrix product.
    """

    def __init__(self, folder: Path, num_threads: int):
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(num_threads)
        name, version = folder.parent.name, int(folder.name)
        settings = ServerSettings()
        self._servable = Servable(folder, name, version, settings, Metrics())

    async def predict(self, body: bytes) -> tuple[int, bytes]:
        """HTTP status and JSON for the body of a request."""
        try:
            return 200, await answer(self._servable, body)
        except ServingError as error:
            return error.status, orjson.dumps({"error": error.message})


@serve.deployment(max_ongoing_requests=1024, ray_actor_options={"num_cpus": 0.5})
class Ingress:
    """Sends requests to the models.

    Args:
        models: Name to version and handle of each model.
    """

    def __init__(self, models: dict[str, tuple[int, Any]]):
        self._models = models

    async def __call__(self, request: Request) -> Response:
        try:
            status, content = await self._lead(request)
        except ServingError as error:
            status, content = error.status, orjson.dumps({"error": error.message})
        return Response(content, status, media_type="application/json")

    async def _lead(self, request: Request) -> tuple[int, bytes]:
        match = PATH.fullmatch(request.url.path)
        if not match or request.method != ("POST" if match[3] else "GET"):
            raise invalid(
                f"Malformed request: {request.method} {shorten(request.url.path)}"
            )
        name = match[1]
        version, handle = self._models.get(name, (None, None))
        if handle is None or match[2] not in (None, str(version)):
            wanted = f"Specific({name}, {match[2]})" if match[2] else f"Latest({name})"
            message = f"Servable not found for request: {shorten(wanted)}"
            raise ServingError("NOT_FOUND", message)
        if not match[3]:
            state = {"version": str(version), "state": "AVAILABLE"}
            state["status"] = {"error_code": "OK", "error_message": ""}
            return 200, orjson.dumps({"model_version_status": [state]})
        return await call_twice(handle, await read_body(request))


async def read_body(request: Request) -> bytes:
    """Returns the body of a request, or raises `ServingError` if it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise invalid(f"A body may have {MAX_BODY:,} bytes at most", status=413)
    return bytes(body)


async def call_twice(handle: Any, body: bytes) -> tuple[int, bytes]:
    """Asks a model, and once more if the replica that was asked dies.

    Raises:
        ServingError: `UNAVAILABLE` if that fails too, or too many requests wait.
    """
    for is_last in (False, True):
        try:
            return await handle.predict.remote(body)
        except RayActorError as error:
            if is_last:
                message = "Two replicas died with the request"
                raise ServingError("UNAVAILABLE", message) from error
        except (BackPressureError, DeploymentUnavailableError) as error:
            raise ServingError("UNAVAILABLE", shorten(str(error), 300)) from error
    raise AssertionError("not reached")


def newest_versions(base: str | Path) -> dict[str, Path]:
    """Returns the folder of the newest version of each model below `base`.

    Raises:
        ValueError: If there is none.
    """
    newest = {}
    for name, versions in find_versions(Path(base).resolve()).items():
        whole = {x: files.folder for x, files in versions.items() if files.has_model}
        if whole:
            newest[name] = whole[max(whole)]
    if not newest:
        raise ValueError(
            "The base must hold <model>/<version>/saved_model.pb, as `rnnzoo export` "
            f"writes it. Received: {base}"
        )
    return newest


def build(settings: Settings) -> serve.Application:
    """The application: an ingress and a deployment for each model."""
    models = {}
    for name, folder in newest_versions(settings.base).items():
        deployment = Model.options(
            name=name,
            num_replicas=settings.num_replicas,
            max_queued_requests=settings.max_queued_requests,
            ray_actor_options={"num_cpus": settings.num_cpus},
        )
        num_threads = max(1, round(settings.num_cpus))
        models[name] = (int(folder.name), deployment.bind(folder, num_threads))
    return Ingress.bind(models)
