"""Formats of image files: how each is known, how large it says it is, how it is read.

All in core TensorFlow ops. Sizes come from headers, before anything is decoded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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
    def is_it(data: Any) -> Any:
        import tensorflow as tf

        return tf.strings.substr(data, 0, len(magic)) == magic

    return is_it


def _numbers(data: Any, start: int, count: int) -> Any:
    """Bytes of a header as int64 numbers; what lies beyond the end is 0."""
    import tensorflow as tf

    padded = tf.strings.join([data, "\0" * (start + count)])
    part = tf.strings.substr(padded, start, count)
    return tf.cast(tf.io.decode_raw(part, tf.uint8), tf.int64)


def _sum(digits: Any, weights: Sequence[int]) -> Any:
    import tensorflow as tf

    return tf.reduce_sum(digits * tf.constant(weights, tf.int64), axis=-1)


# PNG


def _png_size(data: Any) -> Any:
    import tensorflow as tf

    # Width and height, a number of 32 bits each.
    sides = tf.reshape(_numbers(data, 16, 8), (2, 4))
    return _sum(sides, [1 << 24, 1 << 16, 1 << 8, 1])[::-1]


def _read_png(data: Any) -> Any:
    import tensorflow as tf

    return tf.io.decode_png(data, channels=4)


# JPEG


def _jpeg_size(data: Any) -> Any:
    import tensorflow as tf

    return tf.cast(tf.io.extract_jpeg_shape(data)[:2], tf.int64)


def _read_jpeg(data: Any) -> Any:
    import tensorflow as tf

    pixels = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    return undo_orientation(pixels, exif_orientation(data))


# GIF


def _gif_frame(data: Any) -> tuple[Any, Any]:
    """Where the first frame of a GIF begins, and where it ends.

    Parts of a frame are chained, each tells how long it is. All chains are followed at
    once, doubling the stride, so that a file of any length takes few steps.
    """
    import tensorflow as tf

    values = tf.cast(tf.io.decode_raw(data, tf.uint8), tf.int32)
    size = tf.size(values)
    values = tf.concat([values, [0]], axis=0)

    def at(place: Any) -> Any:
        return tf.gather(values, tf.clip_by_value(place, 0, size))

    def table(flags: Any) -> Any:
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

    def end_of_chain(place: Any) -> Any:
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


def _gif_size(data: Any) -> Any:
    import tensorflow as tf

    start, _ = _gif_frame(data)
    rest = tf.strings.substr(data, tf.minimum(start, tf.strings.length(data)), 9)
    sides = tf.reshape(_numbers(rest, 5, 4), (2, 2))
    return _sum(sides, [1, 1 << 8])[::-1]


def _read_gif(data: Any) -> Any:
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


def _is_webp(data: Any) -> Any:
    import tensorflow as tf

    is_riff = tf.strings.substr(data, 0, 4) == RIFF_MAGIC
    padded = tf.strings.join([data, "\0" * 12])
    return is_riff & (tf.strings.substr(padded, 8, 4) == b"WEBP")


def _webp_size(data: Any) -> Any:
    """Three kinds of files, each with its own header. A moving image is of size 0:
    TensorFlow 2.21 writes past its memory when it decodes one."""
    import tensorflow as tf

    header = _numbers(data, 20, 10)
    kind = tf.strings.substr(tf.strings.join([data, "\0" * 16]), 12, 4)

    def number(first: int, count: int) -> Any:
        return _sum(
            header[first : first + count], [1, 1 << 8, 1 << 16, 1 << 24][:count]
        )

    lossy = [number(8, 2) % 2**14, number(6, 2) % 2**14]
    bits = number(1, 4)
    lossless = [bits // 2**14 % 2**14 + 1, bits % 2**14 + 1]
    extended = [number(7, 3) + 1, number(4, 3) + 1]
    is_still = tf.bitwise.bitwise_and(header[0], 2) == 0
    none = tf.zeros([2], tf.int64)
    return tf.case(
        [
            (kind == b"VP8 ", lambda: tf.stack(lossy)),
            (kind == b"VP8L", lambda: tf.stack(lossless)),
            ((kind == b"VP8X") & is_still, lambda: tf.stack(extended)),
        ],
        default=lambda: none,
    )


def _read_webp(data: Any) -> Any:
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


def find_format(data: Any) -> Any:
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


def file_size(data: Any, number: Any) -> Any:
    """Height and width that a file says it has, int64 of shape `(2,)`; 0 if it says
    none.

    Args:
        data: Its bytes, a string tensor of shape `()`.
        number: What `find_format` gave for it, as it is or as an `int`.
    """
    return _of_format(data, number, [form.size for form in FORMATS.values()])


def read_file(data: Any, number: Any) -> Any:
    """The pixels of a file, uint8, `(height, width, c)`, of 3 or 4 channels. The
    arguments are those of `file_size`."""
    return _of_format(data, number, [form.read for form in FORMATS.values()])


def _of_format(
    data: Any, number: Any, functions: Sequence[Callable[[Any], Any]]
) -> Any:
    import tensorflow as tf

    if isinstance(number, int):
        return functions[number](data)
    branches = [lambda function=f: function(data) for f in functions]
    return tf.switch_case(number, branches)
