"""Rows of ids of one length, in core TensorFlow ops."""

from typing import Any

from rnnzoo.text.vocabulary import END_ID, PAD_ID


def pad_rows(ids: Any) -> Any:
    """Pads rows with 0 on the right; a batch of no rows still gets one step.

    Args:
        ids: Ragged integer tensor of shape `(batch, None)`.

    Returns:
        Tensor of shape `(batch, time)`, where `time` is the length of the longest row,
        at least 1.
    """
    import tensorflow as tf

    ids = ids.to_tensor()
    missing = tf.maximum(1 - tf.shape(ids)[1], 0)
    return tf.ensure_shape(tf.pad(ids, [[0, 0], [0, missing]]), [None, None])


def lay_out(ids: Any, lengths: Any, most: int, head: int | None = None) -> Any:
    """Rows of flat ids, each closed by the end token and padded with 0.

    Ragged tensors would do the same with several times as many operations, which take
    their time when a graph is traced and first run.

    Args:
        ids: Integers of shape `(total,)`: those of the first row, of the second, and
            so on.
        lengths: Number of ids of each row, int32 of shape `(batch,)`.
        most: Ids of a row at most, the end token not counted.
        head: How many of the first ids are kept of a row that is too long; the others
            are its last ones. Default: as many as there may be.

    Returns:
        Tensor of shape `(batch, time)`, where `time` is the length of the longest row
        with its end, at least 1.
    """
    import tensorflow as tf

    over = tf.maximum(lengths - most, 0)
    kept = (lengths - over)[:, None]
    places = tf.range(tf.reduce_max(tf.concat([kept[:, 0], [0]], 0)) + 1)[None]
    sources = (tf.cumsum(lengths) - lengths)[:, None] + places
    if head is not None:
        sources += tf.where(places < head, 0, over[:, None])
    # One more, for rows without ids and behind the last one.
    padded = tf.concat([ids, [PAD_ID]], 0)
    rows = tf.gather(padded, tf.minimum(sources, tf.size(ids)))
    rows = tf.where(places < kept, rows, tf.where(places == kept, END_ID, PAD_ID))
    return tf.ensure_shape(rows, [None, None])


def number_rows(lengths: Any) -> Any:
    """For each value of rows of these lengths, one after another, the number of its
    row: int32 of shape `(total,)`."""
    import tensorflow as tf

    return tf.raw_ops.UpperBound(
        sorted_inputs=tf.cumsum(lengths)[None],
        values=tf.range(tf.reduce_sum(lengths))[None],
    )[0]


def split_flat(texts: Any) -> tuple[Any, Any, Any]:
    """Splits texts, `(batch,)`, at white space: the words of all, the number of the
    text that each is of, and how many each text has, int32."""
    import tensorflow as tf

    split = tf.raw_ops.StringSplitV2(input=texts, sep="")
    rows = tf.cast(split.indices[:, 0], tf.int32)
    count = tf.cast(split.shape[0], tf.int32)
    return split.values, rows, count_rows(rows, count)


def count_rows(rows: Any, count: Any) -> Any:
    """How often each of `count` numbers is among `rows`, int32."""
    import tensorflow as tf

    return tf.math.unsorted_segment_sum(tf.ones_like(rows, tf.int32), rows, count)
