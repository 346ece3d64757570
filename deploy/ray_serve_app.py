"""Exported models on Ray Serve, with TensorFlow Serving's REST paths.

    rnnzoo export sentiment_en models
    serve run deploy.ray_serve_app:build base=models num_replicas=2

Each model below `base` becomes a deployment of its newest version. A replica answers
requests that come together in one batch. The ingress sends a request once more if the
replica that had it dies: a prediction changes nothing, so twice does no harm.

Needs `rnnzoo[ray,serve]`.
"""

import asyncio
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from pydantic import BaseModel, PositiveFloat, PositiveInt
from ray import serve
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError
from starlette.requests import Request
from starlette.responses import Response

from rnnzoo.serving import ServingError
from rnnzoo.serving.answers import to_json
from rnnzoo.serving.errors import from_run, invalid, shorten
from rnnzoo.serving.tensors import Spec, columns_to_arrays, rows_to_arrays

MAX_BODY = 16 * 2**20
PATH = re.compile(r"/v1/models/([\w.-]+)(?:/versions/(\d{1,18}))?(:predict)?", re.ASCII)
Arrays = dict[str, np.ndarray]


class Settings(BaseModel, extra="forbid"):
    """What `build` takes.

    Args:
        base: Folder of all models, at the same place on every node.
        num_replicas: Replicas of each model.
        num_cpus: Cores that a replica reserves, and threads of its products.
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
        folder: Folder of the SavedModel.
        num_threads: Threads of a product.
    """

    def __init__(self, folder: str, num_threads: int):
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(num_threads)
        self._model = tf.saved_model.load(folder)
        self._functions = dict(self._model.signatures)
        self._inputs = {
            name: {
                key: Spec(
                    "object" if spec.dtype == tf.string else spec.dtype.name,
                    spec.dtype.name,
                    tuple(-1 if size is None else size for size in spec.shape),
                )
                for key, spec in function.structured_input_signature[1].items()
            }
            for name, function in self._functions.items()
        }

    async def predict(self, body: bytes) -> tuple[int, bytes]:
        """HTTP status and JSON for the body of a request."""
        try:
            signature, inputs, by_row = self._parse(body)
            answer = await self._answer((signature, inputs))
            if isinstance(answer, ServingError):
                raise answer
            return 200, to_json(answer, by_row)
        except ServingError as error:
            return error.status, orjson.dumps({"error": error.message})

    @serve.batch(max_batch_size=32, batch_wait_timeout_s=0.005)
    async def _answer(
        self, calls: list[tuple[str, Arrays]]
    ) -> list[Arrays | ServingError]:
        # A thread leaves the replica free to take requests and to say that it lives.
        return await asyncio.to_thread(self._answer_all, calls)

    def _answer_all(
        self, calls: list[tuple[str, Arrays]]
    ) -> list[Arrays | ServingError]:
        groups = defaultdict(list)
        for i, (signature, inputs) in enumerate(calls):
            shapes = tuple((key, x.shape[1:]) for key, x in sorted(inputs.items()))
            groups[signature, shapes].append(i)
        answers: list[Any] = [None] * len(calls)
        for (signature, _), members in groups.items():
            rows = self._answer_together(signature, [calls[i][1] for i in members])
            for i, answer in zip(members, rows, strict=True):
                answers[i] = answer
        return answers

    def _answer_together(
        self, signature: str, parts: list[Arrays]
    ) -> list[Arrays | ServingError]:
        joined = {key: np.concatenate([p[key] for p in parts]) for key in parts[0]}
        try:
            outputs = self._run(signature, joined)
        except Exception as error:
            if len(parts) == 1:
                return [from_run(error)]
            # One bad input fails a whole batch: find it.
            half = len(parts) // 2
            first = self._answer_together(signature, parts[:half])
            return first + self._answer_together(signature, parts[half:])
        ends = np.cumsum([len(next(iter(part.values()))) for part in parts])[:-1]
        cut = {key: np.split(output, ends) for key, output in outputs.items()}
        return [{key: rows[i] for key, rows in cut.items()} for i in range(len(parts))]

    def _run(self, signature: str, inputs: Arrays) -> Arrays:
        import tensorflow as tf

        specs = self._functions[signature].structured_input_signature[1]
        tensors = {k: tf.constant(x, specs[k].dtype) for k, x in inputs.items()}
        outputs = self._functions[signature](**tensors)
        return {key: np.asarray(tensor) for key, tensor in outputs.items()}

    def _parse(self, body: bytes) -> tuple[str, Arrays, bool]:
        """Signature, inputs, and whether they came in rows."""
        try:
            request = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise invalid(f"JSON Parse error: {shorten(str(error), 200)}") from None
        if (
            type(request) is not dict
            or len({"instances", "inputs"} & set(request)) != 1
        ):
            raise invalid("The body must be an object with 'instances' or 'inputs'")
        signature = request.get("signature_name") or "serving_default"
        specs = self._inputs.get(signature) if type(signature) is str else None
        if specs is None:
            raise invalid(
                f"'signature_name' must be one of {sorted(self._inputs)}. Received: "
                f"{shorten(signature)}"
            )
        if "inputs" in request:
            return signature, columns_to_arrays(request["inputs"], specs), False
        rows = request["instances"]
        if type(rows) is not list or not rows:
            raise invalid("'instances' must be a list of one row or more")
        return signature, rows_to_arrays(rows, specs), True


@serve.deployment(max_ongoing_requests=1024, ray_actor_options={"num_cpus": 0.5})
class Ingress:
    """Leads requests to the models.

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
    """The body of a request, within bounds."""
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
    """Folder of the newest version of each model below `base`.

    Raises:
        ValueError: If there is none.
    """
    newest: dict[str, Path] = {}
    for path in Path(base).glob("*/*/saved_model.pb"):
        folder = path.parent
        name = folder.parent.name
        if folder.name.isdecimal() and not name.startswith("."):
            newest[name] = max(folder, newest.get(name, folder), key=_version)
    if not newest:
        raise ValueError(
            "The base must hold <model>/<version>/saved_model.pb, as `rnnzoo export` "
            f"writes it. Received: {base}"
        )
    return newest


def _version(folder: Path) -> int:
    return int(folder.name)


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
        handle = deployment.bind(str(folder.resolve()), num_threads)
        models[name] = (_version(folder), handle)
    return Ingress.bind(models)
