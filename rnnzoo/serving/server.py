"""A server of SavedModels with TensorFlow Serving's APIs."""

import asyncio
import contextlib
import functools
import logging
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import uvicorn

from rnnzoo.serving.bodies import Bodies
from rnnzoo.serving.connections import BoundedProtocol
from rnnzoo.serving.grpc_service import make_server
from rnnzoo.serving.log import log
from rnnzoo.serving.metrics import Metrics
from rnnzoo.serving.repository import ModelRepository
from rnnzoo.serving.rest import RestApi
from rnnzoo.serving.settings import ServerSettings


class _Uvicorn(uvicorn.Server):
    """Leaves signals to `Server`: gRPC must stop too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves all models below a folder: REST and gRPC, batched, watched.

    As a context manager it runs on a thread of its own; `rnnzoo serve` calls `run`.

    Args:
        base: Folder of models: `<base>/<model>/<version>/saved_model.pb`.
        settings: Limits. Default: `ServerSettings()`.

    Attributes:
        rest_port: Port of the REST API, once it listens.
        grpc_port: Port of the gRPC API, once it listens.

    Raises:
        FileNotFoundError: If there is no such folder.

    Example:

    ```python
    import requests
    from rnnzoo import SentimentClassifier
    from rnnzoo.serving import Server, ServerSettings

    SentimentClassifier.from_preset("sentiment_en").export("models")
    with Server("models", ServerSettings(rest_port=0, grpc_port=0)) as server:
        url = f"http://127.0.0.1:{server.rest_port}/v1/models/sentiment_en:predict"
        print(requests.post(url, json={"instances": ["What a film!"]}).json())
    ```
    """

    def __init__(self, base: str | Path, settings: ServerSettings | None = None):
        if not Path(base).is_dir():
            raise FileNotFoundError(f"There is no folder of models: {base}")
        self._base = Path(base)
        self._settings = settings or ServerSettings()
        self.rest_port = self._settings.rest_port
        self.grpc_port = self._settings.grpc_port
        self._listening = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serves until SIGTERM or Ctrl-C, then finishes open requests.

        Raises:
            OSError: If a port is taken.
        """
        self._run(self._serve(with_signals=True))

    def start(self) -> None:
        """Serves on a thread, and returns once it listens.

        Raises:
            OSError: If a port is taken.
        """

        def target() -> None:
            try:
                self._run(self._serve(with_signals=False))
            except BaseException as error:
                self._error = error
            finally:
                self._listening.set()

        self._thread = threading.Thread(target=target, name="rnnzoo-serve", daemon=True)
        self._thread.start()
        self._listening.wait()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Stops the thread that `start` began, after open requests."""
        if self._thread is not None and self._thread.is_alive():
            assert self._loop is not None
            assert self._stop is not None
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @staticmethod
    def _run(serving: Any) -> None:
        try:
            import uvloop
        except ImportError:  # there is none for Windows
            factory = None
        else:
            factory = uvloop.new_event_loop
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(serving)

    async def _serve(self, with_signals: bool) -> None:
        settings = self._settings
        self._loop = asyncio.get_running_loop()
        self._stop = stop = asyncio.Event()
        if with_signals:
            _take_signals(self._loop, self._stop)
        metrics = Metrics()
        models = ModelRepository(self._base, settings, metrics)
        bodies = Bodies(settings)
        rest = RestApi(models, settings, metrics, bodies, lambda: not stop.is_set())
        grpc_server = make_server(models, settings, metrics, bodies)
        with _bind(settings.host, settings.rest_port) as listener:
            self.rest_port = listener.getsockname()[1]
            self.grpc_port = _add_port(grpc_server, settings)
            await models.refresh()
            if not any(models.served()):
                log("no_models", logging.WARNING, expected=f"{self._base}/<model>/1")
            http_server = _http_server(rest.app, settings)
            http = asyncio.create_task(http_server.serve(sockets=[listener]))
            await grpc_server.start()
            watcher = asyncio.create_task(models.watch())
            while not http_server.started and not http.done():
                await asyncio.sleep(0.005)
            log(
                "listening",
                host=settings.host,
                rest_port=self.rest_port,
                grpc_port=self.grpc_port,
                models=sorted({servable.name for servable in models.served()}),
            )
            self._listening.set()
            await stop.wait()
            log("stopping")
            watcher.cancel()
            http_server.should_exit = True
            await asyncio.gather(http, grpc_server.stop(settings.drain_seconds))
        log("stopped")


def _take_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def take() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)  # a second one ends it at once

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, take)


def _bind(host: str, port: int) -> socket.socket:
    """Returns a socket that does not listen until the models are loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(
            f"The REST API cannot listen on {host}, port {port}: {error.strerror}. "
            "Choose another with --rest-port"
        ) from error
    return listener


def _add_port(server: Any, settings: ServerSettings) -> int:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        return server.add_insecure_port(f"{host}:{settings.grpc_port}")
    except RuntimeError as error:
        raise OSError(
            f"The gRPC API cannot listen on {host}, port {settings.grpc_port}. Choose "
            "another with --grpc-port"
        ) from error


def _http_server(app: Any, settings: ServerSettings) -> _Uvicorn:
    protocol: Any = functools.partial(
        BoundedProtocol,
        header_seconds=settings.header_seconds,
        idle_seconds=settings.idle_seconds,
    )
    return _Uvicorn(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=2**20,  # the protocol has a clock of its own
            timeout_graceful_shutdown=max(1, int(settings.drain_seconds)),
        )
    )
