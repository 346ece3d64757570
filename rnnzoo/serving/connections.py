"""HTTP connections with limits of size and time."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MAX_HEADERS = 2**16
_TOO_SLOW = "The path and headers must come sooner"


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with a limit on path and headers, and deadlines for clients.

    `Bodies` limits the bodies.

    Args:
        header_seconds: Seconds for path and headers, after their first byte.
        idle_seconds: Seconds until the first byte, until the next request, and for
            reading an answer.
        **kwargs: Arguments of Uvicorn's protocol.
    """

    def __init__(self, header_seconds: float, idle_seconds: float, **kwargs: Any):
        super().__init__(**kwargs)
        self._header_seconds = header_seconds
        self._idle_seconds = idle_seconds
        self._size = 0  # bytes since the last complete headers or body
        self._is_open = False  # path and headers have begun to arrive
        self._timer: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait(self._idle_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        super().data_received(data)
        if self._size > _MAX_HEADERS and not self.transport.is_closing():
            self.send_400_response("The path and headers are too large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_open = True
        if self.cycle is None or self.cycle.response_complete:
            self._wait(self._header_seconds)

    def on_headers_complete(self) -> None:
        self._size = 0
        self._is_open = False
        self._wait(None)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._size = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._size = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.pipeline:
            self._wait(self._header_seconds if self._is_open else self._idle_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        seconds, abort = self._idle_seconds, self.transport.abort
        self._reading = self.loop.call_later(seconds, abort)

    def resume_writing(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        super().resume_writing()

    def _wait(self, seconds: float | None) -> None:
        """Starts or cancels the deadline of the client."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        transport = self.transport
        if self._is_open and not transport.is_closing():
            head = (
                "HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain\r\n"
                f"content-length: {len(_TOO_SLOW)}\r\nconnection: close\r\n\r\n"
            )
            transport.write(f"{head}{_TOO_SLOW}".encode())
        if transport.get_write_buffer_size():  # it does not read either
            transport.abort()
        else:
            transport.close()
