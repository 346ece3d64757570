"""Texts as ids of words, in core TensorFlow ops."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import TFTensor
from rnnzoo.text.base_tokenizer import BaseTokenizer
from rnnzoo.text.operations import (
    describe_standard,
    lay_out,
    pad_rows,
    split_flat,
    standardize,
)
from rnnzoo.text.vocabulary import END_ID, PAD_ID, Vocabulary

QUOTE = '"'
CLOSE_BEFORE = frozenset(".,!?;:)]}%-/…*")  # marks with no space before them
CLOSE_AFTER = frozenset("([{-/$£€#*")  # marks with no space after them


class Tokenizer(BaseTokenizer):
    """Turns texts into right-padded ids of words.

    Texts are standardised, split at spaces and looked up; an end token closes
    every row, so that none is empty. Of a text over `max_length` tokens the first
    third and the last two thirds are kept, for a review's verdict often stands at
    its end (Sun et al., "How to Fine-Tune BERT for Text Classification?", 2019).

    Args:
        vocabulary: The words and their ids.
        max_length: Tokens of a row at most, the end token included. At least 2.
            Default 400.

    Call arguments:
        texts: String tensor or list of shape `(batch,)`, UTF-8.

    Returns:
        Int32 tensor of shape `(batch, time)`, where `time` is the number of tokens
        of the longest text, at least 1; 0 is padding.

    Raises:
        ValueError: If `max_length` is under 2.

    Example:

    ```python
    from rnnzoo.text import Tokenizer, Vocabulary

    tokenizer = Tokenizer(Vocabulary(["a", "film", "what"]))
    assert tokenizer(["What a film!", ""]).numpy().tolist() == [
        [6, 4, 5, 1, 3],
        [3, 0, 0, 0, 0],
    ]
    ```
    """

    def __init__(self, vocabulary: Vocabulary, max_length: int = 400):
        self.vocabulary = vocabulary
        self.max_length = check_positive("max_length", max_length, minimum=2)

    def open(self, texts: TFTensor) -> TFTensor:
        """Ids of texts, after an end token rather than before one.

        Args:
            texts: String tensor or list of shape `(batch,)`, UTF-8. Of those that are
                too long the last words are kept.

        Returns:
            Int32 tensor of shape `(batch, time)`; 0 is padding.
        """
        import tensorflow as tf

        words = tf.strings.split(standardize(texts))[:, 1 - self.max_length :]
        ids = self.vocabulary.lookup(words)
        end = tf.fill([ids.nrows(), 1], END_ID)
        return pad_rows(tf.concat([end, ids], axis=1))

    def detokenize(self, token_ids: Any) -> Any:
        """The texts that ids stand for, in lower case.

        Marks stand where they stand in print: none before a comma, none after a
        bracket that opens, and quotes in pairs.

        Args:
            token_ids: Integer tensor of shape `(batch, time)`, or `(time,)` of a
                single text. Special tokens are passed over, and so is all that
                follows the first end token.

        Returns:
            String tensor of shape `(batch,)`, or `()`.
        """
        import tensorflow as tf

        token_ids = tf.cast(token_ids, tf.int32)
        is_single = token_ids.shape.rank == 1
        token_ids = token_ids[None] if is_single else token_ids
        is_end = tf.cast(token_ids == END_ID, tf.int32)
        is_kept = (token_ids > END_ID) & (tf.cumsum(is_end, axis=1) == 0)
        ids = tf.ragged.boolean_mask(token_ids, is_kept).to_tensor()  # PAD_ID is 0
        # Whether a word stands close to the one before it, and to the one after.
        tokens = self.vocabulary.tokens
        before, after, is_quote = (
            tf.gather([token in marks for token in tokens], ids)
            for marks in (CLOSE_BEFORE, CLOSE_AFTER, (QUOTE,))
        )
        # Of quotes every second one closes.
        is_second = tf.cumsum(tf.cast(is_quote, tf.int32), axis=1) % 2 == 0
        before |= is_quote & is_second
        after |= is_quote & ~is_second
        first = tf.ones_like(after[:, :1])
        is_close = before | tf.concat([first, after[:, :-1]], axis=1)
        words = tf.strings.join([tf.where(is_close, "", " "), tf.gather(tokens, ids)])
        texts = tf.strings.reduce_join(tf.where(ids == PAD_ID, "", words), axis=1)
        return texts[0] if is_single else texts

    def __call__(self, texts: TFTensor) -> TFTensor:
        words, _, lengths = split_flat(standardize(texts))
        num_words = self.max_length - 1
        ids = self.vocabulary.lookup(words)
        return lay_out(ids, lengths, num_words, head=num_words // 3)

    def describe(self) -> dict[str, Any]:
        return {
            "pieces": "words",
            "max_length": self.max_length,
            "quote": QUOTE,
            "close_before": sorted(CLOSE_BEFORE),
            "close_after": sorted(CLOSE_AFTER),
            **describe_standard(),
        }


def count_words(batches: Iterable[Any]) -> Counter[str]:
    """Counts the words of texts, standardised as `Tokenizer` does.

    Args:
        batches: String tensors or lists of shape `(batch,)`.
    """
    import tensorflow as tf

    counts: Counter[str] = Counter()
    for texts in batches:
        words = tf.strings.split(standardize(texts)).flat_values
        unique = tf.unique_with_counts(words)
        pairs = zip(unique.y.numpy(), unique.count.numpy().tolist(), strict=True)
        counts.update({word.decode(): count for word, count in pairs})
    return counts
