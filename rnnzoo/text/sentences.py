"""Texts as sentences, in core TensorFlow ops."""

from typing import Any

from rnnzoo.core.types import TFTensor
from rnnzoo.text.operations import EMOJI, replace_patterns

_CUT = "\x1e"  # ASCII's record separator: no one writes it
_KEPT = "\x1f"  # a space at which nothing is cut
MOST_SENTENCES = 64  # of a text that models split; further ones are cut off

# Applied in this order; the patterns are in RE2 syntax.
_REPLACEMENTS = (
    (f"[{_CUT}{_KEPT}]+", " "),
    # A title, an abbreviation or an initial ends no sentence.
    (
        r"(?i)\b(mr|mrs|ms|dr|prof|st|mt|no|vs|jr|sr|e\.g|i\.e|a\.m|p\.m)\. ",
        rf"\1.{_KEPT}",
    ),
    (r"\b(\p{Lu})\. ", rf"\1.{_KEPT}"),
    # Marks that end, quotes that close; then what may begin a sentence.
    (
        r"""([.!?…]+["'”’»)]*)\p{Z}+(["'“‘«¿¡(]*[\p{Lu}\p{N}\p{So}])""",
        rf"\1{_CUT}\2",
    ),
    (r"""([!?…]["'”’»)]*)\p{Z}+""", rf"\1{_CUT}"),
    (r"([。！？])", rf"\1{_CUT}"),
    (r"[\r\n]+\s*", _CUT),
    (_KEPT, " "),
    (rf"^[\s{_CUT}]+|[\s{_CUT}]+$", ""),
    (rf"[\s{_CUT}]*{_CUT}[\s{_CUT}]*", _CUT),
)
_LAST_EMOJI = (rf"^(?:.|\n)*?((?:\s*{EMOJI})*)\s*$", r"\1")


def split_sentences(texts: TFTensor) -> TFTensor:
    """Splits texts into sentences.

    A sentence ends at a full stop before a capital letter, a digit or a sign, at an
    exclamation or question mark, and at the end of a line; not after titles such as
    "Dr." or after an initial.

    Args:
        texts: String tensor or list of shape `(batch,)`, UTF-8.

    Returns:
        Ragged string tensor of shape `(batch, None)`, with a sentence at least for each
        text, which is empty if the text is.

    Example:

    ```python
    from rnnzoo.text import split_sentences

    (sentences,) = split_sentences(["Dr. No is ill. Are you? Yes"]).to_list()
    assert sentences == [b"Dr. No is ill.", b"Are you?", b"Yes"]
    ```
    """
    import tensorflow as tf

    return tf.strings.split(replace_patterns(texts, _REPLACEMENTS), _CUT)


def last_emoji(texts: TFTensor) -> TFTensor:
    """The emoji at the end of texts, with the space before them.

    Args:
        texts: String tensor or list of shape `(batch,)`, UTF-8.

    Returns:
        String tensor of shape `(batch,)`, empty where there are none.

    Example:

    ```python
    from rnnzoo.text import last_emoji

    found = last_emoji(["Thanks! 🙂 🎉 ", "Thanks 🙂!"]).numpy().tolist()
    assert found == [" 🙂 🎉".encode(), b""]
    ```
    """
    return replace_patterns(texts, [_LAST_EMOJI])


def describe_sentences() -> dict[str, Any]:
    """Returns the rules of `split_sentences` and `last_emoji`, for JSON.

    These are `replacements`, patterns of RE2 with their replacements, the separator
    `cut`, the limit `most`, and `last_emoji`, patterns as well.
    """
    return {
        "replacements": _REPLACEMENTS,
        "cut": _CUT,
        "most": MOST_SENTENCES,
        "last_emoji": [_LAST_EMOJI],
    }
