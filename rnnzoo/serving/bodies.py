"""Bodies of requests, with limits."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.requests import Request

from rnnzoo.serving.errors import ServingError, invalid
from rnnzoo.serving.settings import ServerSettings


class Bodies:
    """Reads bodies and limits the bytes of all open requests, for both APIs.

    Args:
        settings: `max_body`, `max_held` and `body_seconds`.
    """

    def __init__(self, settings: ServerSettings):
        self._settings = settings
        self._held = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytearray]:
        """Yields the body; it counts as held until the block ends.

        Raises:
            ServingError: With status 413 if it is too large, 408 if it does not
                arrive, 503 if the server holds too many bytes.
        """
        data = bytearray()
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._settings.max_body:
            raise self._too_large()
        try:
            try:
                async with asyncio.timeout(self._settings.body_seconds):
                    async for chunk in request.stream():
                        self._take(data, chunk)
            except TimeoutError:
                seconds = self._settings.body_seconds
                message = f"The body must come within {seconds:g} seconds"
                raise invalid(message, status=408) from None
            yield data
        finally:
            self._held -= len(data)

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Counts bytes as held until the block ends.

        Raises:
            ServingError: `RESOURCE_EXHAUSTED` if the server holds too many bytes.
        """
        self._check(size)
        self._held += size
        try:
            yield
        finally:
            self._held -= size

    def _take(self, data: bytearray, chunk: bytes) -> None:
        if len(data) + len(chunk) > self._settings.max_body:
            raise self._too_large()
        self._check(len(chunk))
        self._held += len(chunk)
        data += chunk

    def _check(self, size: int) -> None:
        if self._held + size > self._settings.max_held:
            raise ServingError(
                "RESOURCE_EXHAUSTED",
                f"The server holds {self._held:,} bytes of requests. Try again later",
            )

    def _too_large(self) -> ServingError:
        limit = self._settings.max_body
        return invalid(f"A body may have {limit:,} bytes at most", status=413)
