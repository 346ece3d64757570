"""Ink on paper as it is photographed: shaded, noisy, lined, framed, with specks.

All in core TensorFlow ops, on one image at a time, so that it lives in a SavedModel.
"""

from typing import Any

from rnnzoo.core.types import TFTensor

# Longest side that is worked on. Larger images are made smaller, which takes most of
# their noise away; digits of a fifth of the page are still larger than MNIST's.
SIDE = 128
# An image is plain if no pixel of its border differs more from the paper.
PLAIN = 0.12
# Side of the squares in which paper must be seen, as a part of the longest side: wider
# than any pen, narrower than a shadow.
PATCH = 0.22
# What differs less from the paper around it, as a part of the darkest ink, is no ink.
INK = 0.42
# The same on plain paper, where noise is small.
PLAIN_INK = 0.25
# Ink of less contrast than this is noise; on plain paper, and on other paper.
PLAIN_CONTRAST = 0.05
MIN_CONTRAST = 0.15
# Shadows count as if they left at least this part of the light.
MIN_LIGHT = 0.1
# Ink of less than this part of the page does not make other parts frames or lines.
MIN_AREA = 0.002
# Parts of the page with less ink than this, as a part of the one with most, are specks.
SPECK = 0.07
# A part that is this long, as a part of the page, is a frame or a ruled line if
# there is other ink.
LONG = 0.8
# A frame has a row or column on each of its four sides of which this part is drawn, at
# most this part of the page away from its edge.
FRAME = 0.75
FRAME_BAND = 0.15


def clean_ink(image: TFTensor) -> TFTensor:
    """The ink of an image of a page, without what else is on it.

    On plain paper ink is what differs from the paper. On other paper it is what
    differs from the paper around it: the brightest, or with bright ink the darkest,
    that is seen in a square about each pixel. The four sides of a frame are wiped out,
    so that a digit that touches them is no part of it. Then connected parts are looked
    at: other frames, ruled lines and specks are taken away.

    Args:
        image: Float tensor of shape `(height, width, 1)`, from 0 to 1.

    Returns:
        Float32 tensor of shape `(any height, any width, 1)`, from 0 (paper) to 1.
        Zeros if there is no ink.
    """
    import tensorflow as tf

    image = _shrink(image)
    border, paper = border_and_paper(image)
    noise = tf.reduce_max(tf.abs(border - paper))
    is_plain = noise < PLAIN
    # Where most differs from the border, that is a frame about the paper.
    differs = tf.cast(tf.abs(image - paper) > PLAIN, tf.float32)
    is_plain &= tf.reduce_mean(differs) < 0.5
    ink = tf.cond(
        is_plain,
        lambda: tf.abs(image - paper),
        lambda: _local_ink(_mean(_mean(image, 3), 3)),
    )
    contrast = tf.reduce_max(ink)
    least = tf.where(is_plain, tf.maximum(PLAIN_CONTRAST, 2.0 * noise), MIN_CONTRAST)
    ink = tf.where(contrast < least, 0.0, ink / tf.maximum(contrast, 1e-6))
    threshold = tf.where(is_plain, PLAIN_INK, INK)
    drawn = ink[..., 0] > threshold
    frame = _frame(drawn)
    ink = tf.where(frame[..., None], 0.0, ink)
    kept = _kept(drawn & ~frame)
    # The edges of strokes are fainter: they count next to what is kept.
    near = _largest(kept, 5)
    return tf.where(near > 0.5, ink, 0.0)


def border_and_paper(image: TFTensor) -> tuple[TFTensor, TFTensor]:
    """Returns the pixels of the border, and their median, the brightness of paper."""
    import tensorflow as tf

    border = tf.concat(
        [image[0, :, 0], image[-1, :, 0], image[:, 0, 0], image[:, -1, 0]], axis=0
    )
    return border, tf.sort(border)[tf.size(border) // 2]


def _shrink(image: TFTensor) -> TFTensor:
    import tensorflow as tf

    size = tf.shape(image)[:2]
    longest = tf.reduce_max(size)
    scale = tf.cast(SIDE, tf.float32) / tf.cast(longest, tf.float32)
    smaller = tf.maximum(tf.cast(tf.cast(size, tf.float32) * scale, tf.int32), 1)
    return tf.cond(
        longest > SIDE,
        lambda: tf.image.resize(image, smaller, antialias=True),
        lambda: image,
    )


def _local_ink(image: TFTensor) -> TFTensor:
    """How much each pixel differs from the paper around it."""
    import tensorflow as tf

    side = max(3, round(SIDE * PATCH)) | 1
    # Ink is the few: what differs much from the mean differs to its side.
    around = _mean(image, side)
    is_dark = tf.reduce_sum((image - around) ** 3) < 0
    image = tf.where(is_dark, image, 1.0 - image)
    paper = -_largest(-_largest(image, side), side)
    paper = tf.maximum(_mean(paper, side), image)
    # Half the light leaves dark ink half the contrast: it is counted by the light.
    light = tf.where(is_dark, tf.maximum(paper, MIN_LIGHT), 1.0)
    return (paper - image) / light


def _largest(image: TFTensor, side: int) -> TFTensor:
    """The largest value in a square of odd side about each pixel."""
    import tensorflow as tf

    rows = tf.nn.max_pool2d(image[None], (side, 1), 1, "SAME")
    return tf.nn.max_pool2d(rows, (1, side), 1, "SAME")[0]


def _mean(image: TFTensor, side: int) -> TFTensor:
    """The mean of a square of odd side about each pixel."""
    import tensorflow as tf

    rows = tf.nn.avg_pool2d(image[None], (side, 1), 1, "SAME")
    return tf.nn.avg_pool2d(rows, (1, side), 1, "SAME")[0]


def _frame(drawn: TFTensor) -> TFTensor:
    """Returns the pixels of a frame of four sides, `(height, width)`, and those next to
    it."""
    import tensorflow as tf

    def sides(axis: int) -> tuple[Any, Any]:
        cover = tf.reduce_mean(tf.cast(drawn, tf.float32), axis=1 - axis)
        size = tf.shape(drawn)[axis]
        place = tf.range(size)
        from_edge = tf.cast(tf.minimum(place, size - 1 - place), tf.float32)
        is_side = cover >= FRAME
        is_side &= from_edge < FRAME_BAND * tf.cast(size, tf.float32)
        both = tf.reduce_any(is_side[: size // 2]) & tf.reduce_any(is_side[size // 2 :])
        wide = tf.nn.max_pool1d(
            tf.cast(is_side, tf.float32)[None, :, None], 3, 1, "SAME"
        )
        return wide[0, :, 0] > 0.5, both

    (rows, has_rows), (columns, has_columns) = sides(0), sides(1)
    return (rows[:, None] | columns[None, :]) & has_rows & has_columns


def _kept(drawn: TFTensor) -> TFTensor:
    """Returns 1 at pixels of parts that are no frames, lines or specks, else 0,
    `(height, width, 1)`."""
    import tensorflow as tf

    height, width = tf.unstack(tf.shape(drawn))
    # Squares of 2 × 2: half the way to go, and a gap of a pixel parts nothing.
    mask = tf.cast(drawn, tf.float32)[None, :, :, None]
    mask = tf.nn.max_pool2d(mask, 2, 2, "SAME")
    rows, columns = tf.unstack(tf.shape(mask)[1:3])
    count = rows * columns
    numbers = tf.reshape(tf.range(1, count + 1), (1, rows, columns, 1))
    first = tf.cast(numbers, tf.float32) * mask

    def spread(labels: TFTensor, _: Any) -> tuple[TFTensor, TFTensor]:
        more = tf.nn.max_pool2d(labels, 3, 1, "SAME") * mask
        more = tf.nn.max_pool2d(more, 3, 1, "SAME") * mask
        return more, tf.reduce_any(more != labels)

    # Each part takes the highest number in it.
    labels, _ = tf.while_loop(
        lambda _, goes_on: goes_on, spread, (first, tf.constant(True))
    )
    part = tf.reshape(tf.cast(labels, tf.int32), (-1,))
    y = tf.reshape(tf.repeat(tf.range(rows), columns), (-1,))
    x = tf.reshape(tf.tile(tf.range(columns), [rows]), (-1,))

    def extent(place: TFTensor) -> tuple[TFTensor, TFTensor]:
        low = tf.math.unsorted_segment_min(place, part, count + 1)
        high = tf.math.unsorted_segment_max(place, part, count + 1)
        return tf.cast(low, tf.float32), tf.cast(high, tf.float32)

    area = tf.math.unsorted_segment_sum(tf.ones_like(x, tf.float32), part, count + 1)
    is_part = (area > 0) & (tf.range(count + 1) > 0)
    area = tf.where(is_part, area, 0.0)
    (top, bottom), (left, right) = extent(y), extent(x)
    high, wide = bottom - top + 1, right - left + 1
    page_high, page_wide = tf.cast(rows, tf.float32), tf.cast(columns, tf.float32)
    is_long = (high >= LONG * page_high) | (wide >= LONG * page_wide)
    at_edge = (top < 1) | (left < 1) | (bottom > page_high - 2)
    at_edge |= right > page_wide - 2
    is_other = is_part & ~is_long & ~at_edge
    # A digit that fills the page, or runs off it, is all there is.
    least = MIN_AREA * page_high * page_wide
    has_other = tf.reduce_max(tf.where(is_other, area, 0.0)) > least
    is_kept = tf.where(has_other, is_other, is_part)
    most = tf.reduce_max(tf.where(is_kept, area, 0.0))
    is_kept &= area >= SPECK * most
    kept = tf.reshape(tf.gather(tf.cast(is_kept, tf.float32), part), (rows, columns, 1))
    kept = tf.repeat(tf.repeat(kept, 2, axis=0), 2, axis=1)[:height, :width]
    return kept * tf.cast(drawn, tf.float32)[..., None]


def describe_page() -> dict[str, Any]:
    """Returns the sizes and limits of `clean_ink`, for JSON."""
    return {
        "side": SIDE,
        "plain": PLAIN,
        "patch": PATCH,
        "ink": INK,
        "plain_ink": PLAIN_INK,
        "plain_contrast": PLAIN_CONTRAST,
        "min_contrast": MIN_CONTRAST,
        "min_light": MIN_LIGHT,
        "min_area": MIN_AREA,
        "speck": SPECK,
        "long": LONG,
        "frame": FRAME,
        "frame_band": FRAME_BAND,
    }
