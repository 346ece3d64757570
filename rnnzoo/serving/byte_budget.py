"""A budget for the memory of decoded images."""

import asyncio
from collections import deque
from collections.abc import Mapping

import numpy as np

from rnnzoo.images.formats import header_size
from rnnzoo.images.pixels import MAX_PIXELS

# Bytes for each pixel while an image is decoded and scaled: bytes and floats.
PIXEL_BYTES = 24


class ByteBudget:
    """A budget that several queues share. Used on one event loop.

    Args:
        limit: Bytes.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self._used = 0
        self._waiting: deque[tuple[int, asyncio.Future]] = deque()

    async def take(self, size: int) -> None:
        """Waits until there is room, and takes it.

        A size above the whole budget waits until nothing else is held.
        """
        if not self._waiting and self._fits(size):
            self._used += size
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        await turn

    def give_back(self, size: int) -> None:
        """Returns bytes to the budget; waiting tasks continue in their order."""
        self._used -= size
        while self._waiting and self._fits(self._waiting[0][0]):
            wanted, turn = self._waiting.popleft()
            if not turn.done():
                self._used += wanted
                turn.set_result(None)

    def _fits(self, size: int) -> bool:
        return not self._used or self._used + size <= self.limit


def decoded_sizes(inputs: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Returns the bytes that the images of each row take once they are decoded.

    Args:
        inputs: The arrays of a request. Those whose name ends in `_bytes` hold files.

    Returns:
        Integers of shape `(rows,)`, or `None` if there are no files by row.
    """
    files = [
        array
        for name, array in inputs.items()
        if name.endswith("_bytes") and array.dtype == object and array.ndim == 1
    ]
    if not files or len({len(array) for array in files}) > 1:
        return None
    rows = zip(*files, strict=True)
    return np.array([sum(map(_decoded_size, row)) for row in rows], np.int64)


def _decoded_size(data: bytes) -> int:
    size = header_size(data)
    # Unknown counts as the largest image.
    pixels = MAX_PIXELS if size is None else min(size[0] * size[1], MAX_PIXELS)
    return PIXEL_BYTES * pixels
