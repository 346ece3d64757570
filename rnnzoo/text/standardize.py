"""Text standardisation in core TensorFlow ops, so that it lives in a SavedModel."""

from collections.abc import Sequence
from typing import Any

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


def standardize(texts: Any) -> Any:
    """Lower-cases texts and separates punctuation from words by spaces.

    Unlike Keras's `lower_and_strip_punctuation` it knows Unicode, keeps
    apostrophes inside words and loses no punctuation mark. HTML line breaks
    become spaces, curly quotes straight ones, and bytes that are not UTF-8 the
    replacement character U+FFFD. What Penn Treebank's tokenisation took apart, as in
    "do n't", is joined again.

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
    """What `standardize` does, for JSON: `replacements`, patterns of RE2 each with what
    takes its place, and whether to `lowercase` then."""
    return {"replacements": _REPLACEMENTS, "lowercase": True}


def replace_patterns(texts: Any, replacements: Sequence[tuple[str, str]]) -> Any:
    """Makes texts valid UTF-8 and replaces patterns in them, one after another.

    Args:
        texts: String tensor of any shape.
        replacements: Patterns in RE2 syntax, each with what takes its place.
    """
    import tensorflow as tf

    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    for pattern, replacement in replacements:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return texts
