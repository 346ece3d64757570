"""TensorFlow Serving's gRPC API."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from tensorflow_serving.apis import (
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from rnnzoo.serving.bodies import Bodies
from rnnzoo.serving.errors import ServingError, invalid, shorten
from rnnzoo.serving.log import log, log_request
from rnnzoo.serving.messages import metadata_message, status_message
from rnnzoo.serving.metrics import Metrics
from rnnzoo.serving.protos import to_arrays, to_proto
from rnnzoo.serving.repository import ModelRepository
from rnnzoo.serving.servable import DEFAULT_SIGNATURE
from rnnzoo.serving.settings import ServerSettings

_MAX_DETAILS = 1000  # the headers of an answer are limited
# Larger requests are read on another thread: they would delay others.
_LARGE_REQUEST = 2**18


class _Service:
    """Base of both services."""

    def __init__(
        self,
        models: ModelRepository,
        settings: ServerSettings,
        metrics: Metrics,
        bodies: Bodies,
    ):
        self._bodies = bodies
        self._models = models
        self._settings = settings
        self._metrics = metrics

    async def _reply(
        self, method: str, request: Any, context: Any, answer: Callable[..., Any]
    ) -> Any:
        """Answers, counts and logs a request."""
        start = time.perf_counter()
        code, reply, details = "OK", None, ""
        try:
            with self._bodies.hold(request.ByteSize()):
                reply = answer(request)
                if isinstance(reply, Awaitable):
                    reply = await reply
        except ServingError as error:
            code, details = error.code, error.message
        except Exception:
            log("failed", logging.ERROR, method=method, exc_info=True)
            code, details = "INTERNAL", "Internal error: see the server's log"
        seconds = time.perf_counter() - start
        name = request.model_spec.name if hasattr(request, "model_spec") else ""
        name = name if self._models.is_served(name) else ""
        self._metrics.request("grpc", name, code, seconds)
        is_failure = code in ("INTERNAL", "UNKNOWN")
        if self._settings.log_requests or is_failure:
            log_request(
                is_failure,
                details,
                seconds,
                api="grpc",
                method=method,
                model=name,
                status=code,
            )
        if code != "OK":
            status = getattr(grpc.StatusCode, code)
            await context.abort(status, shorten(details, _MAX_DETAILS))
        return reply

    async def _refuse(self, request: Any, context: Any) -> Any:
        """Answers a method that is not served."""

        def refuse(request: Any) -> Any:
            raise ServingError("UNIMPLEMENTED", "Not served here: use Predict")

        return await self._reply(type(request).__name__, request, context, refuse)


def _wanted_version(request: Any) -> tuple[str, int | None]:
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")
    spec = request.model_spec
    if spec.version_label:
        raise invalid(f"Labels are not served. Received: {shorten(spec.version_label)}")
    return spec.name, spec.version.value if spec.HasField("version") else None


class PredictionService(
    _Service, prediction_service_pb2_grpc.PredictionServiceServicer
):
    """`Predict` and `GetModelMetadata`."""

    async def Predict(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Answers inputs."""
        return await self._reply("Predict", request, context, self._predict)

    async def GetModelMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Answers with the signatures."""
        return await self._reply("GetModelMetadata", request, context, self._metadata)

    Classify = Regress = MultiInference = _Service._refuse

    async def _predict(self, request: Any) -> Any:
        servable = self._models.get(*_wanted_version(request))
        name = request.model_spec.signature_name or DEFAULT_SIGNATURE
        if name not in servable.signatures:
            raise ServingError(
                "FAILED_PRECONDITION",
                f'Serving signature key "{shorten(name)}" not found.',
            )
        signature = servable.signatures[name]
        wanted = [*request.output_filter] or [*signature.outputs]
        if len(set(wanted)) < len(wanted) or not set(wanted) <= set(signature.outputs):
            raise invalid(
                f"Outputs must be among {{{','.join(sorted(signature.outputs))}}}, "
                f"each once. Received: {shorten(','.join(wanted))}"
            )
        limit = self._settings.max_body
        if request.ByteSize() < _LARGE_REQUEST:
            inputs = to_arrays(request.inputs, signature.inputs, limit)
        else:
            inputs = await asyncio.to_thread(
                to_arrays, request.inputs, signature.inputs, limit
            )
        outputs = await servable.predict(name, inputs)
        response = predict_pb2.PredictResponse()
        response.model_spec.name = servable.name
        response.model_spec.version.value = servable.version
        response.model_spec.signature_name = name
        for output in wanted:
            response.outputs[output].CopyFrom(to_proto(outputs[output]))
        return response

    def _metadata(self, request: Any) -> Any:
        wanted = _wanted_version(request)
        if list(request.metadata_field) != ["signature_def"]:
            raise invalid(
                "`metadata_field` must be signature_def. Received: "
                f"{shorten(','.join(request.metadata_field))}"
            )
        return metadata_message(self._models.get(*wanted))


class ModelService(_Service, model_service_pb2_grpc.ModelServiceServicer):
    """`GetModelStatus`."""

    async def GetModelStatus(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Answers with the state of each version."""
        return await self._reply("GetModelStatus", request, context, self._status)

    HandleReloadConfigRequest = _Service._refuse

    def _status(self, request: Any) -> Any:
        return status_message(self._models.status(*_wanted_version(request)))


def make_server(
    models: ModelRepository, settings: ServerSettings, metrics: Metrics, bodies: Bodies
) -> Any:
    """Returns a gRPC server with both services, without a port."""
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", settings.max_body),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),  # a port that is taken is an error
            ("grpc.server_handshake_timeout_ms", int(1000 * settings.header_seconds)),
            ("grpc.max_connection_idle_ms", int(1000 * settings.idle_seconds)),
            # Detects peers that have vanished.
            ("grpc.keepalive_time_ms", int(1000 * settings.idle_seconds)),
            ("grpc.keepalive_timeout_ms", int(1000 * settings.header_seconds)),
        ],
        maximum_concurrent_rpcs=settings.max_queue,
    )
    arguments = (models, settings, metrics, bodies)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(*arguments), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(
        ModelService(*arguments), server
    )
    return server
