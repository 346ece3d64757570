"""Which way up a camera held a JPEG (EXIF), in core TensorFlow ops."""

from typing import Any

from rnnzoo.core.types import TFTensor

HEAD = 1 << 17  # the tag stands in the first block of metadata, of 64 kB at most
SIGNATURE = b"Exif\0\0"


def exif_orientation(data: TFTensor) -> TFTensor:
    """The orientation of a JPEG, from 1 (as stored) to 8; 1 if it has none."""
    import tensorflow as tf

    # Outside a graph each of the many small steps below takes its time.
    if tf.executing_eagerly() and SIGNATURE not in data.numpy()[:HEAD]:
        return tf.constant(1)

    head = tf.io.decode_raw(tf.strings.substr(data, 0, HEAD), tf.uint8)
    head = tf.cast(head, tf.int32)
    size = tf.size(head)

    def at(position: TFTensor) -> TFTensor:
        return tf.gather(head, tf.clip_by_value(position, 0, size - 1))

    def number(position: TFTensor, length: int, is_little: Any) -> TFTensor:
        digits = [at(position + i) for i in range(length)]
        big = sum(d * 256 ** (length - 1 - i) for i, d in enumerate(digits))
        little = sum(d * 256**i for i, d in enumerate(digits))
        return tf.where(is_little, little, big)

    def is_exif(position: TFTensor) -> TFTensor:
        signature = tf.constant(list(SIGNATURE))
        letters = at(position + 4 + tf.range(6))
        return (at(position + 1) == 0xE1) & tf.reduce_all(letters == signature)

    def goes_on(position: TFTensor) -> TFTensor:
        is_segment = (at(position) == 0xFF) & (position + 4 < size)
        return is_segment & (at(position + 1) != 0xDA) & ~is_exif(position)

    position = tf.while_loop(
        goes_on, lambda p: (p + 2 + number(p + 2, 2, False),), [tf.constant(2)]
    )[0]
    start = position + 10
    is_little = at(start) == ord("I")
    table = start + tf.clip_by_value(number(start + 4, 4, is_little), 0, size)
    # Each entry takes 12 bytes: tag, type, count, value.
    entries = table + 2 + 12 * tf.range(number(table, 2, is_little) % 256)
    is_orientation = (number(entries, 2, is_little) == 0x0112) & (entries + 12 <= size)
    values = number(tf.boolean_mask(entries, is_orientation) + 8, 2, is_little)
    value = tf.concat([values, [1]], axis=0)[0]
    return tf.where(is_exif(position) & (value >= 1) & (value <= 8), value, 1)


def undo_orientation(image: TFTensor, orientation: TFTensor) -> TFTensor:
    """Undoes an EXIF orientation."""
    import tensorflow as tf

    if tf.executing_eagerly() and orientation == 1:
        return image

    def flip(image: TFTensor, axis: int, *orientations: int) -> TFTensor:
        is_flipped = tf.reduce_any(orientation == tf.constant(orientations))
        return tf.cond(is_flipped, lambda: tf.reverse(image, [axis]), lambda: image)

    image = tf.cond(
        orientation >= 5, lambda: tf.transpose(image, (1, 0, 2)), lambda: image
    )
    return flip(flip(image, 0, 3, 4, 7, 8), 1, 2, 3, 6, 7)
