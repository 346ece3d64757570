"""Texts as ids of words, in core TensorFlow ops."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rnnzoo.checks import check_positive
from rnnzoo.text.padding import pad_rows
from rnnzoo.text.standardize import standardize
from rnnzoo.text.vocabulary import END_ID, PAD_ID, UNKNOWN_ID, Vocabulary


class Tokenizer:
    """Turns texts into right-padded ids of words.

    Texts are standardised, split at spaces and looked up; an end token closes
    every row, so that none is empty. Of a text over `max_length` tokens the first
    third and the last two thirds are kept, for a review's verdict often stands at
    its end (Sun et al., "How to Fine-Tune BERT for Text Classification?", 2019).

    Args:
        vocabulary: The words and their ids.
        max_length: Tokens of a row at most, the end token included. At least 2.
            Default 400.
        bigrams: Pairs of adjacent words that get ids of their own, or `None`.
            Default `None`.

    Call arguments:
        texts: String tensor or list of shape `(batch,)`, UTF-8.

    Returns:
        Int32 tensor of shape `(batch, time)`, where `time` is the number of tokens
        of the longest text, at least 1; 0 is padding. With `bigrams` of shape
        `(batch, time, 2)`: the id of each word, and that of the pair which ends with
        it, in the vocabulary `bigrams`.

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

    def __init__(
        self,
        vocabulary: Vocabulary,
        max_length: int = 400,
        bigrams: Vocabulary | None = None,
    ):
        self.vocabulary = vocabulary
        self.max_length = check_positive("max_length", max_length, minimum=2)
        self.bigrams = bigrams

    def __call__(self, texts: Any) -> Any:
        import tensorflow as tf

        words = tf.strings.split(standardize(texts))
        num_words = self.max_length - 1
        head = num_words // 3
        tail = words[:, head:][:, head - num_words :]
        words = tf.concat([words[:, :head], tail], axis=1)
        ids = self.vocabulary.lookup(words)
        end = tf.fill([ids.nrows(), 1], END_ID)
        ids = pad_rows(tf.concat([ids, end], axis=1))
        if self.bigrams is None:
            return ids
        # The first word ends no pair, nor does the end token.
        pairs = tf.strings.join([words[:, :-1], words[:, 1:]], separator=" ")
        none = tf.fill([words.nrows(), 1], UNKNOWN_ID)
        pair_ids = tf.concat([none, self.bigrams.lookup(pairs)], axis=1)
        pair_ids = pad_rows(tf.concat([pair_ids, none], axis=1))[:, : tf.shape(ids)[1]]
        return tf.stack([ids, pair_ids * tf.cast(ids != PAD_ID, tf.int32)], axis=2)


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
