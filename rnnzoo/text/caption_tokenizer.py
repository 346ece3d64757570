"""Captions as ids of words, and back, in core TensorFlow ops."""

from typing import Any

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import TFTensor
from rnnzoo.text.base_tokenizer import BaseTokenizer
from rnnzoo.text.operations import pad_rows, replace_patterns
from rnnzoo.text.vocabulary import END_ID, START_ID, Vocabulary

# Applied in this order; the patterns are in RE2 syntax.
_REPLACEMENTS = (
    ("[‘’`´]", "'"),
    (r"[^\p{L}\p{M}\p{N}'-]+", " "),  # marks, but those within words
    (r"([\p{L}\p{N}])('s?)( |$)", r"\1 \2\3"),  # dog's is dog and 's
)
_HAS_LETTER = r".*[\p{L}\p{N}].*"


def split_caption(texts: TFTensor) -> TFTensor:
    """Splits captions into lower-case words, without punctuation.

    Args:
        texts: String tensor or list of shape `(batch,)`, UTF-8.

    Returns:
        Ragged string tensor of shape `(batch, None)`.

    Example:

    ```python
    from rnnzoo.text import split_caption

    (words,) = split_caption(["A tri-colored dog's ball ."]).to_list()
    assert words == [b"a", b"tri-colored", b"dog", b"'s", b"ball"]
    ```
    """
    import tensorflow as tf

    texts = replace_patterns(texts, _REPLACEMENTS)
    words = tf.strings.split(tf.strings.lower(texts, encoding="utf-8"))
    is_word = tf.strings.regex_full_match(words.flat_values, _HAS_LETTER)
    return tf.ragged.boolean_mask(words, words.with_values(is_word))


class CaptionTokenizer(BaseTokenizer):
    """Turns captions into right-padded ids of words, and ids into captions.

    A start token opens every row and an end token closes it.

    Args:
        vocabulary: The words and their ids.
        max_length: Ids after the start token at most, the end token included; longer
            captions lose their last words. At least 2. Default 24.

    Call arguments:
        texts: String tensor or list of shape `(batch,)`, UTF-8.

    Returns:
        Int32 tensor of shape `(batch, time)`, where `time` is that of the longest
        caption; 0 is padding.

    Raises:
        ValueError: If `max_length` is under 2.

    Example:

    ```python
    from rnnzoo.text import CaptionTokenizer, Vocabulary

    tokenizer = CaptionTokenizer(Vocabulary(["a", "dog", "runs"]))
    token_ids = tokenizer(["A dog barks .", "Dog"])
    assert token_ids.numpy().tolist() == [[2, 4, 5, 1, 3], [2, 5, 3, 0, 0]]
    assert tokenizer.detokenize(token_ids).numpy().tolist() == [b"a dog", b"dog"]
    ```
    """

    def __init__(self, vocabulary: Vocabulary, max_length: int = 24):
        self.vocabulary = vocabulary
        self.max_length = check_positive("max_length", max_length, minimum=2)

    def __call__(self, texts: TFTensor) -> TFTensor:
        import tensorflow as tf

        ids = self.vocabulary.lookup(split_caption(texts)[:, : self.max_length - 1])
        start, end = (tf.fill([ids.nrows(), 1], i) for i in (START_ID, END_ID))
        return pad_rows(tf.concat([start, ids, end], axis=1))

    def detokenize(self, token_ids: Any) -> Any:
        """The captions that ids stand for.

        Args:
            token_ids: Integer tensor of shape `(batch, time)`, or `(time,)` of a
                single text. Special tokens are passed over, and so is all that
                follows the first end token.

        Returns:
            String tensor of shape `(batch,)`, or `()`.
        """
        import tensorflow as tf

        texts = tf.strings.strip(self.vocabulary.join(token_ids, prefix=" "))
        return tf.strings.regex_replace(texts, " '", "'")

    def describe(self) -> dict[str, Any]:
        return {
            "pieces": "captions",
            "max_length": self.max_length,
            "replacements": _REPLACEMENTS,
            "lowercase": True,
        }
