"""Text standardisation and rows of ids, in core TensorFlow ops for SavedModels."""

from collections.abc import Sequence
from typing import Any

from rnnzoo.core.types import TFTensor
from rnnzoo.text.vocabulary import END_ID, PAD_ID

# Applied in this order; the patterns are in RE2 syntax.
_REPLACEMENTS = (
    (r"(?i)<br\s*/?>", " "),  # the only mark-up in the IMDB reviews
    ("[‘’]", "'"),
    ("[“”]", '"'),
    (r"(?i)-l[rsc]b-", "("),  # brackets and clitics of texts that were taken apart
    (r"(?i)-r[rsc]b-", ")"),
    (r"(?i) (n't|'(?:s|re|ve|ll|d|m))\b", r"\1"),
    (r"[\p{Z}\p{Cc}]+", " "),  # every Unicode space and control character
    (r"([^\p{L}\p{M}\p{N} '])", r" \1 "),  # punctuation and signs: words of their own
)

# Emoji, dingbats and what joins or colours them.
EMOJI = "[\u2600-\u27bf\u2b05-\u2b55\ufe0f\u200d\U0001f000-\U0001faff]"


def standardize(texts: TFTensor) -> TFTensor:
    """Lower-cases texts and separates punctuation from words by spaces.

    Unlike Keras's `lower_and_strip_punctuation` it knows Unicode, keeps
    apostrophes inside words and loses no punctuation mark. HTML line breaks
    become spaces, curly quotes straight ones, and bytes that are not UTF-8 the
    replacement character U+FFFD. Words that Penn Treebank's tokenisation splits, such
    as "do n't", are joined.

    Args:
        texts: String tensor of any shape, UTF-8.

    Returns:
        String tensor of the same shape. Splitting it at spaces gives the words.

    Example:

    ```python
    from rnnzoo.text import standardize

    text = standardize(["Don't go!<br />ÄRGER"])[0].numpy().decode()
    assert text.split() == ["don't", "go", "!", "ärger"]
    ```
    """
    import tensorflow as tf

    texts = replace_patterns(texts, _REPLACEMENTS)
    return tf.strings.lower(texts, encoding="utf-8")


def describe_standard() -> dict[str, Any]:
    """Returns the settings of `standardize` for JSON: `replacements`, pairs of an RE2
    pattern and its replacement, and whether to `lowercase` then."""
    return {"replacements": _REPLACEMENTS, "lowercase": True}


def replace_patterns(
    texts: TFTensor, replacements: Sequence[tuple[str, str]]
) -> TFTensor:
    """Makes texts valid UTF-8 and replaces patterns in them, one after another.

    Args:
        texts: String tensor of any shape.
        replacements: Pairs of an RE2 pattern and its replacement.
    """
    import tensorflow as tf

    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    for pattern, replacement in replacements:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return texts


def pad_rows(ids: TFTensor) -> TFTensor:
    """Pads rows with 0 on the right, to one step at least.

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


def lay_out(
    ids: TFTensor, lengths: TFTensor, most: int, head: int | None = None
) -> TFTensor:
    """Returns rows of flat ids, each with an end token and padded with 0.

    Ragged tensors would need several times as many operations, which slow the tracing
    and the first run of a graph.

    Args:
        ids: Integers of shape `(total,)`, row after row.
        lengths: Number of ids of each row, int32 of shape `(batch,)`.
        most: Largest number of ids of a row, without the end token.
        head: How many of the first ids of a long row are kept; the others are its last
            ones. Default: `most`.

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


def number_rows(lengths: TFTensor) -> TFTensor:
    """Returns the number of the row of each value, int32 of shape `(total,)`, for rows
    of these lengths."""
    import tensorflow as tf

    return tf.raw_ops.UpperBound(
        sorted_inputs=tf.cumsum(lengths)[None],
        values=tf.range(tf.reduce_sum(lengths))[None],
    )[0]


def split_flat(texts: TFTensor) -> tuple[TFTensor, TFTensor, TFTensor]:
    """Splits texts, `(batch,)`, at white space. Returns the words of all, the number
    of each word's text, and the number of words of each text, int32."""
    import tensorflow as tf

    split = tf.raw_ops.StringSplitV2(input=texts, sep="")
    rows = tf.cast(split.indices[:, 0], tf.int32)
    count = tf.cast(split.shape[0], tf.int32)
    return split.values, rows, count_rows(rows, count)


def count_rows(rows: TFTensor, count: Any) -> TFTensor:
    """Returns how often each number below `count` occurs in `rows`, int32."""
    import tensorflow as tf

    return tf.math.unsorted_segment_sum(tf.ones_like(rows, tf.int32), rows, count)
