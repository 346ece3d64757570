"""JPEG and PNG files: size in the header, decoding.

Everything runs in core TensorFlow ops, inside a SavedModel too. `header_size` reads the
same headers from bytes, without TensorFlow. The size is known before anything is
decoded.
"""

import struct
from typing import Any

from rnnzoo.images.orientation import exif_orientation, undo_orientation

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
PNG_HEAD = 24  # bytes that contain the size
# Segments of a JPEG before its size; a hostile file has millions.
JPEG_SEGMENTS = 2000


def begins_with(data: Any, magic: bytes) -> Any:
    """Returns whether a string tensor of shape `()` begins with some bytes."""
    import tensorflow as tf

    return tf.strings.substr(data, 0, len(magic)) == magic


def header_size(data: bytes) -> tuple[int, int] | None:
    """Returns the height and width in the header of a file, without TensorFlow.

    Args:
        data: Content of a file of any kind.

    Returns:
        Zeros if it is neither JPEG nor PNG or its header is incomplete. `None` for a
        JPEG whose size comes too late.
    """
    try:
        if data.startswith(PNG_MAGIC):
            width, height = struct.unpack_from(">II", data, 16)
            return height, width
        if data.startswith(JPEG_MAGIC):
            return _jpeg_size(data)
    except (IndexError, struct.error):
        pass
    return 0, 0


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    place = 2
    for _ in range(JPEG_SEGMENTS):
        mark, kind = data[place], data[place + 1]
        if mark != 0xFF or kind == 0xDA:
            break
        if kind == 0xFF:  # padding
            place += 1
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 5)
            return height, width
        else:
            place += 2 + struct.unpack_from(">H", data, place + 2)[0]
    return None


def file_size(data: Any, is_png: Any) -> Any:
    """Returns height and width in a file's header, int64 of shape `(2,)`; zeros if
    there are none.

    Args:
        data: Content of a PNG or JPEG, a string tensor of shape `()`.
        is_png: Whether it is a PNG.
    """
    import tensorflow as tf

    def png() -> Any:
        padded = tf.strings.join([data, "\0" * PNG_HEAD])
        # Big-endian numbers of 32 bits: width, height.
        part = tf.strings.substr(padded, 16, 8)
        parts = tf.reshape(tf.cast(tf.io.decode_raw(part, tf.uint8), tf.int64), (2, 4))
        return tf.reduce_sum(parts * [2**24, 2**16, 2**8, 1], axis=1)[::-1]

    def jpeg() -> Any:
        return tf.cast(tf.io.extract_jpeg_shape(data)[:2], tf.int64)

    return tf.cond(is_png, png, jpeg)


def read_file(data: Any, is_png: Any) -> Any:
    """Returns the pixels of a file, uint8 of shape `(height, width, c)`, where `c` is 3
    or 4. The arguments are those of `file_size`."""
    import tensorflow as tf

    def jpeg() -> Any:
        pixels = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
        return undo_orientation(pixels, exif_orientation(data))

    return tf.cond(is_png, lambda: tf.io.decode_png(data, channels=4), jpeg)
