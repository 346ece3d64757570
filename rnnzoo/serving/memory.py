"""The room that images take once they are decoded."""

import asyncio
import struct
from collections import deque
from collections.abc import Mapping

import numpy as np

# Bytes for each pixel while an image is decoded and scaled: colours, floats of them.
PIXEL_BYTES = 24
# What a file counts whose header does not say how large it is: as the largest one.
_UNKNOWN = 25_000_000
# Parts of a file passed over in search of its size; hostile files have millions.
_STEPS = 2000


class Memory:
    """A budget that several queues share. Used on one event loop.

    Args:
        limit: Bytes.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self._used = 0
        self._waiting: deque[tuple[int, asyncio.Future]] = deque()

    async def take(self, size: int) -> None:
        """Waits until there is room, and takes it. What is larger than the whole budget
        gets its turn when nothing else is held."""
        if not self._waiting and self._fits(size):
            self._used += size
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        await turn

    def give_back(self, size: int) -> None:
        """Gives back what was taken; those who wait go on in their order."""
        self._used -= size
        while self._waiting and self._fits(self._waiting[0][0]):
            wanted, turn = self._waiting.popleft()
            if not turn.done():
                self._used += wanted
                turn.set_result(None)

    def _fits(self, size: int) -> bool:
        return not self._used or self._used + size <= self.limit


def decoded_sizes(inputs: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Bytes that the images of each row take once they are decoded.

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
    try:
        return PIXEL_BYTES * min(_count_pixels(data), _UNKNOWN)
    except (IndexError, struct.error):
        return 0  # a header that ends too soon is refused, not decoded


def _count_pixels(data: bytes) -> int:
    """The pixels that a file says it has; 0 if it is no image that is decoded."""
    if data.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", data[16:24])
        return width * height
    if data.startswith(b"GIF8"):
        return _count_gif(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _count_jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _count_webp(data)
    return 0


def _count_jpeg(data: bytes) -> int:
    place = 2
    for _ in range(_STEPS):
        mark, kind = data[place], data[place + 1]
        if mark != 0xFF or kind == 0xDA:
            break
        if kind == 0xFF:  # padding
            place += 1
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width * height
        else:
            place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return _UNKNOWN


def _count_gif(data: bytes) -> int:
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 128 else 0)
    is_in_block = False  # of a comment or its like, a chain of parts
    for _ in range(_STEPS):
        if is_in_block:
            is_in_block = data[place] > 0
            place += 1 + data[place]
        elif data[place] == ord("!"):
            is_in_block = True
            place += 2
        else:
            width, height = struct.unpack("<HH", data[place + 5 : place + 9])
            return width * height
    return _UNKNOWN


def _count_webp(data: bytes) -> int:
    kind, head = data[12:16], data[20:30]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[6:10])
        return (width % 2**14) * (height % 2**14)
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits % 2**14 + 1) * (bits // 2**14 % 2**14 + 1)
    width, height = (int.from_bytes(head[i : i + 3], "little") + 1 for i in (4, 7))
    return width * height
