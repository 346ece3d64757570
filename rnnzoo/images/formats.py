"""Formats of image files: detection, size in the header, decoding.

Everything runs in core TensorFlow ops, inside a SavedModel too. `header_size` reads the
same headers from bytes, without TensorFlow. The size is known before anything is
decoded.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rnnzoo.core.types import TFTensor
from rnnzoo.images.orientation import exif_orientation, undo_orientation

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
GIF_MAGIC = b"GIF8"
RIFF_MAGIC = b"RIFF"
# What errors call the formats that are read.
KNOWN = "JPEG, PNG, GIF or WebP"
# Of a GIF file: where its blocks begin without a table of colours, and how many may
# come before its first frame.
GIF_HEADER = 13
GIF_BLOCKS = 64
# Segments of a JPEG before its size; a hostile file has millions.
JPEG_SEGMENTS = 2000
PNG_DEPTH = 24  # place of the bits of a channel in a PNG
HEAD = 30  # bytes that contain the size in a PNG or WebP


@dataclass(frozen=True)
class Format:
    """A format of image files.

    Attributes:
        is_it: Whether bytes, a string tensor of shape `()`, begin as it does.
        size: Height and width in a file's header, an int64 tensor of shape `(2,)`. A
            file that says none, or that is not read, is of size 0.
        read: Decodes a file: uint8 of shape `(height, width, c)`, where `c` is 3 or 4.
    """

    is_it: Callable[[Any], Any]
    size: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _begins_with(magic: bytes) -> Callable[[Any], Any]:
    def is_it(data: TFTensor) -> TFTensor:
        import tensorflow as tf

        return tf.strings.substr(data, 0, len(magic)) == magic

    return is_it


def _numbers(data: TFTensor, start: int, count: int) -> TFTensor:
    """Bytes of a header as int64 numbers; what lies beyond the end is 0."""
    import tensorflow as tf

    padded = tf.strings.join([data, "\0" * (start + count)])
    part = tf.strings.substr(padded, start, count)
    return tf.cast(tf.io.decode_raw(part, tf.uint8), tf.int64)


def _number(head: TFTensor, start: int, count: int) -> TFTensor:
    """A little-endian number in a header, of integers or an int64 tensor."""
    return sum(head[start + i] * 256**i for i in range(count))


# PNG


def _png_sides(head: TFTensor) -> tuple[TFTensor, TFTensor]:
    # Big-endian numbers of 32 bits.
    width, height = (
        sum(head[start + i] * 256 ** (3 - i) for i in range(4)) for start in (16, 20)
    )
    return height, width


def _png_size(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    return tf.stack(_png_sides(_numbers(data, 0, HEAD)))


def _read_png(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    pixels = tf.io.decode_png(data, channels=4)
    # TensorFlow fills the alpha of opaque pixels of 1, 2 and 4 bits with 1, 3 and 15.
    depth = tf.cast(_numbers(data, 0, HEAD)[PNG_DEPTH], tf.uint8)
    filled = tf.bitwise.left_shift(tf.constant(1, tf.uint8), depth) - 1
    return tf.cond(
        (depth < 8) & tf.reduce_all(pixels[..., 3] == filled),
        lambda: tf.concat(
            [
                pixels[..., :3],
                tf.fill(tf.shape(pixels[..., :1]), tf.constant(255, tf.uint8)),
            ],
            2,
        ),
        lambda: pixels,
    )


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


def _jpeg_size(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    return tf.cast(tf.io.extract_jpeg_shape(data)[:2], tf.int64)


def _read_jpeg(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    pixels = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    return undo_orientation(pixels, exif_orientation(data))


# GIF


def _gif_frame(data: TFTensor) -> tuple[TFTensor, TFTensor]:
    """Where the first frame of a GIF begins, and where it ends.

    Parts of a frame are chained, each tells how long it is. All chains are followed at
    once, doubling the stride, so that a file of any length takes few steps.
    """
    import tensorflow as tf

    values = tf.cast(tf.io.decode_raw(data, tf.uint8), tf.int32)
    size = tf.size(values)
    values = tf.concat([values, [0]], axis=0)

    def at(place: TFTensor) -> TFTensor:
        return tf.gather(values, tf.clip_by_value(place, 0, size))

    def table(flags: TFTensor) -> TFTensor:
        """Bytes of a table of colours."""
        entries = tf.bitwise.left_shift(2, tf.bitwise.bitwise_and(flags, 7))
        return tf.where(flags >= 128, 3 * entries, 0)

    # From the length of a part to that of the next; 0 ends a chain.
    after = tf.minimum(tf.range(size + 1) + 1 + values, size)
    after = tf.where(values == 0, tf.range(size + 1), after)
    _, ends = tf.while_loop(
        lambda stride, _: stride < size,
        lambda stride, jumps: (stride * 2, tf.gather(jumps, jumps)),
        (tf.constant(1), after),
        maximum_iterations=31,
    )

    def end_of_chain(place: TFTensor) -> TFTensor:
        return tf.gather(ends, tf.clip_by_value(place, 0, size)) + 1

    first = GIF_HEADER + table(at(tf.constant(10)))
    start = tf.while_loop(
        lambda place: at(place) == ord("!"),  # a comment or its like
        lambda place: (end_of_chain(place + 2),),
        (first,),
        maximum_iterations=GIF_BLOCKS,
    )[0]
    end = end_of_chain(start + 11 + table(at(start + 9)))
    is_whole = (at(start) == ord(",")) & (end <= size)
    return tf.where(is_whole, start, size), tf.where(is_whole, end, size)


def _gif_size(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    start, _ = _gif_frame(data)
    rest = tf.strings.substr(data, tf.minimum(start, tf.strings.length(data)), 9)
    head = _numbers(rest, 5, 4)
    return tf.stack([_number(head, 2, 2), _number(head, 0, 2)])


def _read_gif(data: TFTensor) -> TFTensor:
    """The first frame, of a file that is cut off behind it: TensorFlow decodes all."""
    import tensorflow as tf

    start, end = _gif_frame(data)
    # The frame's place on the canvas is set to its corner.
    first = tf.strings.join(
        [
            tf.strings.substr(data, 0, start),
            b",\0\0\0\0",
            tf.strings.substr(tf.strings.join([data, "\0" * 5]), start + 5, end),
        ]
    )
    first = tf.strings.join([tf.strings.substr(first, 0, end), b";"])
    return tf.io.decode_gif(first)[0]


# WebP


def _is_webp(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    is_riff = tf.strings.substr(data, 0, 4) == RIFF_MAGIC
    padded = tf.strings.join([data, "\0" * 12])
    return is_riff & (tf.strings.substr(padded, 8, 4) == b"WEBP")


def _lossy_sides(head: TFTensor) -> tuple[TFTensor, TFTensor]:
    return _number(head, 28, 2) % 2**14, _number(head, 26, 2) % 2**14


def _lossless_sides(head: TFTensor) -> tuple[TFTensor, TFTensor]:
    bits = _number(head, 21, 4)
    return bits // 2**14 % 2**14 + 1, bits % 2**14 + 1


def _extended_sides(head: TFTensor) -> tuple[TFTensor, TFTensor]:
    # 0 for a moving image: TensorFlow 2.21 writes past its memory when it decodes one.
    is_still = 1 - head[20] // 2 % 2
    height, width = _number(head, 27, 3) + 1, _number(head, 24, 3) + 1
    return height * is_still, width * is_still


_WEBP: dict[bytes, Callable[[Any], tuple[Any, Any]]] = {
    b"VP8 ": _lossy_sides,
    b"VP8L": _lossless_sides,
    b"VP8X": _extended_sides,
}


def _webp_size(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    head = _numbers(data, 0, HEAD)
    kind = tf.strings.substr(tf.strings.join([data, "\0" * 16]), 12, 4)
    return tf.case(
        [(kind == k, lambda f=f: tf.stack(f(head))) for k, f in _WEBP.items()],
        default=lambda: tf.zeros([2], tf.int64),
    )


def _read_webp(data: TFTensor) -> TFTensor:
    import tensorflow as tf

    # An operation that older TensorFlows have too, which then refuse the file: one of
    # WebP alone would keep them from loading a SavedModel at all.
    return tf.raw_ops.DecodeImage(contents=data, channels=0, expand_animations=False)


FORMATS = {
    "PNG": Format(_begins_with(PNG_MAGIC), _png_size, _read_png),
    "JPEG": Format(_begins_with(JPEG_MAGIC), _jpeg_size, _read_jpeg),
    "GIF": Format(_begins_with(GIF_MAGIC), _gif_size, _read_gif),
    "WebP": Format(_is_webp, _webp_size, _read_webp),
}


def find_format(data: TFTensor) -> TFTensor:
    """The number of a file's format in `FORMATS`, an int32 tensor of shape `()`; as
    many as there are if it is none."""
    import tensorflow as tf

    forms = FORMATS.values()
    if tf.executing_eagerly():
        # Each test takes its time: none after the first that fits.
        fits = (i for i, form in enumerate(forms) if form.is_it(data))
        return tf.constant(next(fits, len(FORMATS)))
    found = [form.is_it(data) for form in forms]
    return tf.argmax(tf.stack([*found, True]), output_type=tf.int32)


def header_size(data: bytes) -> tuple[int, int] | None:
    """Returns the height and width in the header of a file, without TensorFlow.

    Args:
        data: Content of a file of any kind.

    Returns:
        Zeros if the file is not decoded or its header is incomplete. `None` for a GIF,
        whose first frame may begin anywhere, and for a JPEG whose size comes too late.
    """
    try:
        if data.startswith(GIF_MAGIC):
            return None
        if data.startswith(JPEG_MAGIC):
            return _jpeg_sides(data)
        if data.startswith(PNG_MAGIC):
            return _png_sides(data[:HEAD])
        if data.startswith(RIFF_MAGIC) and data[8:12] == b"WEBP":
            return _WEBP[data[12:16]](data[:HEAD])
    except (IndexError, KeyError, struct.error):
        pass
    return 0, 0


def file_size(data: TFTensor, number: TFTensor) -> TFTensor:
    """Height and width that a file says it has, int64 of shape `(2,)`; 0 if it says
    none.

    Args:
        data: Its bytes, a string tensor of shape `()`.
        number: What `find_format` gave for it, as it is or as an `int`.
    """
    return _of_format(data, number, [form.size for form in FORMATS.values()])


def read_file(data: TFTensor, number: TFTensor) -> TFTensor:
    """The pixels of a file, uint8, `(height, width, c)`, of 3 or 4 channels. The
    arguments are those of `file_size`."""
    return _of_format(data, number, [form.read for form in FORMATS.values()])


def _of_format(
    data: TFTensor, number: TFTensor, functions: Sequence[Callable[[Any], Any]]
) -> TFTensor:
    import tensorflow as tf

    if isinstance(number, int):
        return functions[number](data)
    branches = [lambda function=f: function(data) for f in functions]
    return tf.switch_case(number, branches)
