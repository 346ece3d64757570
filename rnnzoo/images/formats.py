"""Formats of image files: detection, size in the header, decoding.

Everything runs in core TensorFlow ops, inside a SavedModel too. `header_size` reads the
same headers from bytes, without TensorFlow. The size is known before anything is
decoded.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rnnzoo.images.orientation import exif_orientation, undo_orientation

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
KNOWN = "JPEG, PNG or WebP"  # in errors
# Segments of a JPEG before its size; a hostile file has millions.
JPEG_SEGMENTS = 2000
HEAD = 30  # bytes that contain the size in a PNG or WebP


class Format(NamedTuple):
    """A format of image files.

    Attributes:
        magic: Bytes of every file by their place.
        size: Returns height and width in a file's header, int64 of shape `(2,)`; zeros
            if there are none or the file is not decoded.
        read: Decodes a file: uint8 of shape `(height, width, c)`, where `c` is 3 or 4.
    """

    magic: dict[int, bytes]
    size: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _numbers(data: Any, count: int) -> Any:
    """The first bytes of a file as int64 numbers; 0 beyond its end."""
    import tensorflow as tf

    padded = tf.strings.join([data, "\0" * count])
    part = tf.strings.substr(padded, 0, count)
    return tf.cast(tf.io.decode_raw(part, tf.uint8), tf.int64)


def _number(head: Any, start: int, count: int) -> Any:
    """A little-endian number in a header, of integers or an int64 tensor."""
    return sum(head[start + i] * 256**i for i in range(count))


# PNG


def _png_sides(head: Any) -> tuple[Any, Any]:
    # Big-endian numbers of 32 bits.
    width, height = (
        sum(head[start + i] * 256 ** (3 - i) for i in range(4)) for start in (16, 20)
    )
    return height, width


def _png_size(data: Any) -> Any:
    import tensorflow as tf

    return tf.stack(_png_sides(_numbers(data, HEAD)))


def _read_png(data: Any) -> Any:
    import tensorflow as tf

    return tf.io.decode_png(data, channels=4)


# JPEG


def _jpeg_sides(data: bytes) -> tuple[int, int] | None:
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


def _jpeg_size(data: Any) -> Any:
    import tensorflow as tf

    return tf.cast(tf.io.extract_jpeg_shape(data)[:2], tf.int64)


def _read_jpeg(data: Any) -> Any:
    import tensorflow as tf

    pixels = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    return undo_orientation(pixels, exif_orientation(data))


# WebP


def _lossy_sides(head: Any) -> tuple[Any, Any]:
    return _number(head, 28, 2) % 2**14, _number(head, 26, 2) % 2**14


def _lossless_sides(head: Any) -> tuple[Any, Any]:
    bits = _number(head, 21, 4)
    return bits // 2**14 % 2**14 + 1, bits % 2**14 + 1


def _extended_sides(head: Any) -> tuple[Any, Any]:
    # 0 for a moving image: TensorFlow 2.21 writes past its memory when it decodes one.
    is_still = 1 - head[20] // 2 % 2
    height, width = _number(head, 27, 3) + 1, _number(head, 24, 3) + 1
    return height * is_still, width * is_still


_WEBP: dict[bytes, Callable[[Any], tuple[Any, Any]]] = {
    b"VP8 ": _lossy_sides,
    b"VP8L": _lossless_sides,
    b"VP8X": _extended_sides,
}


def _webp_size(data: Any) -> Any:
    import tensorflow as tf

    head = _numbers(data, HEAD)
    kind = tf.strings.substr(tf.strings.join([data, "\0" * 16]), 12, 4)
    return tf.case(
        [(kind == k, lambda f=f: tf.stack(f(head))) for k, f in _WEBP.items()],
        default=lambda: tf.zeros([2], tf.int64),
    )


def _read_webp(data: Any) -> Any:
    import tensorflow as tf

    # An operation that older TensorFlows have too, which then refuse the file: one of
    # WebP alone would keep them from loading a SavedModel at all.
    return tf.raw_ops.DecodeImage(contents=data, channels=0, expand_animations=False)


FORMATS = {
    "PNG": Format({0: PNG_MAGIC}, _png_size, _read_png),
    "JPEG": Format({0: b"\xff\xd8\xff"}, _jpeg_size, _read_jpeg),
    "WebP": Format({0: b"RIFF", 8: b"WEBP"}, _webp_size, _read_webp),
}


def find_format(data: Any) -> Any:
    """Returns the number of a file's format in `FORMATS`, an int32 tensor of shape
    `()`; their number if it is none."""
    import tensorflow as tf

    padded = tf.strings.join([data, "\0" * HEAD])
    found = [
        tf.reduce_all(
            [tf.strings.substr(padded, i, len(m)) == m for i, m in form.magic.items()]
        )
        for form in FORMATS.values()
    ]
    return tf.argmax(tf.stack([*found, True]), output_type=tf.int32)


def format_name(data: bytes) -> str | None:
    """Returns the name of a file's format in `FORMATS`, or `None`."""
    for name, form in FORMATS.items():
        if all(data[i : i + len(m)] == m for i, m in form.magic.items()):
            return name
    return None


def header_size(data: bytes) -> tuple[int, int] | None:
    """Returns the height and width in the header of a file, without TensorFlow.

    Args:
        data: Content of a file of any kind.

    Returns:
        Zeros if the file is not decoded or its header is incomplete. `None` for a JPEG
        whose size comes too late.
    """
    name = format_name(data)
    try:
        if name == "JPEG":
            return _jpeg_sides(data)
        if name == "PNG":
            return _png_sides(data[:HEAD])
        if name == "WebP":
            return _WEBP[data[12:16]](data[:HEAD])
    except (IndexError, KeyError, struct.error):
        pass
    return 0, 0


def file_size(data: Any, number: Any) -> Any:
    """Returns height and width of a file whose format has a number: see `find_format`
    and `Format.size`."""
    return _of_format(data, number, [form.size for form in FORMATS.values()])


def read_file(data: Any, number: Any) -> Any:
    """Returns the pixels of a file whose format has a number: see `Format.read`."""
    return _of_format(data, number, [form.read for form in FORMATS.values()])


def _of_format(
    data: Any, number: Any, functions: Sequence[Callable[[Any], Any]]
) -> Any:
    import tensorflow as tf

    branches = [lambda function=f: function(data) for f in functions]
    return tf.switch_case(number, branches)
