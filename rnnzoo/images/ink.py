"""Ink on paper: found, centred and scaled as the digits of MNIST were."""

from typing import Any

from rnnzoo.core.types import TFTensor
from rnnzoo.images.paper import border_and_paper, clean_ink, describe_page

# MNIST's digits fit a box of 20 pixels in an image of 28.
BOX = 20 / 28
# What differs less from the paper, as a part of the darkest ink, is not drawn.
THRESHOLD = 0.1
# With less contrast than this there is no ink.
MIN_CONTRAST = 0.05
# Images of sides up to this many times those wanted are taken for cut out, as
# MNIST's are; larger ones are pages, which are cleaned.
CUT_OUT = 2


def center_ink(image: TFTensor, height: int, width: int) -> TFTensor:
    """Makes bright ink on black of a drawing, in the middle and of one size.

    The paper is what most of the border is like; ink is what differs from it, so
    dark on bright and bright on dark come out the same. An image more than twice as
    large as wanted is a page, from which shading, noise, specks, frames and ruled
    lines are taken away first: see `rnnzoo.images.paper.clean_ink`. The ink is cut
    out, scaled so that its longer side fills 20/28 of the image, its centre of mass is
    put into the middle, and its slant is taken out.

    Args:
        image: Float tensor of shape `(any height, any width, 1)`, from 0 to 1.
        height: Height wanted.
        width: Width wanted.

    Returns:
        Float32 tensor of shape `(height, width, 1)`, from 0 (paper) to 1 (ink). An
        image without ink gives zeros.

    References:
        - LeCun et al., "Gradient-Based Learning Applied to Document Recognition",
          1998: the size and place of MNIST's digits, and their deslanting.
    """
    import tensorflow as tf

    is_page = tf.reduce_max(tf.shape(image)[:2]) > CUT_OUT * max(height, width)
    ink = tf.cond(is_page, lambda: clean_ink(image), lambda: _ink(image))
    drawn = ink[..., 0] > THRESHOLD
    top, box_height = _extent(tf.reduce_any(drawn, axis=1))
    left, box_width = _extent(tf.reduce_any(drawn, axis=0))
    ink = ink[top : top + box_height, left : left + box_width]
    scale = tf.minimum(
        round(height * BOX) / tf.maximum(box_height, 1),
        round(width * BOX) / tf.maximum(box_width, 1),
    )
    size = tf.cast(tf.stack([box_height, box_width]), scale.dtype) * scale
    size = tf.maximum(tf.cast(tf.round(size), tf.int32), 1)
    # A box of no pixels cannot be resized.
    ink = tf.cond(
        tf.reduce_any(drawn),
        lambda: tf.image.resize(ink, size, antialias=True),
        lambda: tf.zeros((1, 1, 1)),
    )
    ink /= tf.maximum(tf.reduce_max(ink), 1e-6)
    return deslant(_place(ink, height, width))


def _ink(image: TFTensor) -> TFTensor:
    """How much each pixel differs from the paper, from 0 to 1."""
    import tensorflow as tf

    _, paper = border_and_paper(image)
    ink = tf.abs(image - paper)
    contrast = tf.reduce_max(ink)
    return tf.where(contrast < MIN_CONTRAST, 0.0, ink / tf.maximum(contrast, 1e-6))


def _extent(is_drawn: TFTensor) -> tuple[TFTensor, TFTensor]:
    """Where the first `True` is, and how many places it is to the last."""
    import tensorflow as tf

    places = tf.where(is_drawn)[:, 0]
    first = tf.reduce_min(tf.concat([places, [tf.size(is_drawn, tf.int64)]], axis=0))
    last = tf.reduce_max(tf.concat([places, first[None] - 1], axis=0))
    return tf.cast(first, tf.int32), tf.cast(last - first + 1, tf.int32)


def _moments(ink: TFTensor) -> tuple[TFTensor, TFTensor, TFTensor]:
    """The centre of mass and the slant: how far right a row down leads."""
    import tensorflow as tf

    mass = tf.maximum(tf.reduce_sum(ink), 1e-6)
    rows = tf.cast(tf.range(tf.shape(ink)[0]), tf.float32)
    columns = tf.cast(tf.range(tf.shape(ink)[1]), tf.float32)
    row = tf.reduce_sum(ink * rows[:, None, None]) / mass
    column = tf.reduce_sum(ink * columns[None, :, None]) / mass
    down, right = rows[:, None, None] - row, columns[None, :, None] - column
    spread = tf.reduce_sum(ink * down**2)
    slant = tf.reduce_sum(ink * down * right) / tf.maximum(spread, 1e-6)
    return row, column, tf.clip_by_value(slant, -1.0, 1.0)


def _place(ink: TFTensor, height: int, width: int) -> TFTensor:
    """Puts ink on black so that its centre of mass is less than a pixel off."""
    import tensorflow as tf

    row, column, _ = _moments(ink)
    margins = []
    for center, side, size in (
        (row, height, tf.shape(ink)[0]),
        (column, width, tf.shape(ink)[1]),
    ):
        before = tf.cast(tf.math.ceil(side / 2 - 0.5 - center), tf.int32)
        before = tf.clip_by_value(before, 0, side - size)
        margins.append([before, side - size - before])
    placed = tf.pad(ink, [*margins, [0, 0]])
    return tf.ensure_shape(placed, (height, width, 1))


def deslant(ink: TFTensor) -> TFTensor:
    """Shears ink about its centre of mass until it does not lean."""
    import tensorflow as tf

    row, _, slant = _moments(ink)
    zero, one = tf.zeros_like(slant), tf.ones_like(slant)
    # Where each place of the result is fetched: x + slant · (y - row), y.
    shear = tf.stack([one, slant, -slant * row, zero, one, zero, zero, zero])
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=ink[None],
        transforms=shear[None],
        output_shape=tf.shape(ink)[:2],
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )[0]


def describe_ink() -> dict[str, Any]:
    """Returns the sizes and limits of `center_ink`, for JSON."""
    return {
        "box": BOX,
        "threshold": THRESHOLD,
        "min_contrast": MIN_CONTRAST,
        "cut_out": CUT_OUT,
        "page": describe_page(),
    }
