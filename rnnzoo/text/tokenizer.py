"""From texts to token ids, in core TensorFlow ops."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rnnzoo.text.standardize import standardize
from rnnzoo.text.vocabulary import END_ID, Vocabulary


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
        if max_length < 2:
            raise ValueError(
                f"`max_length` must be 2 or more. Received: max_length={max_length}"
            )
        self.vocabulary = vocabulary
        self.max_length = max_length

    def __call__(self, texts: Any) -> Any:
        import tensorflow as tf

        words = tf.strings.split(standardize(texts))
        room = self.max_length - 1
        head = room // 3
        words = tf.concat([words[:, :head], words[:, head:][:, head - room :]], axis=1)
        ids = self.vocabulary.lookup(words)
        end = tf.fill([ids.nrows(), 1], END_ID)
        ids = tf.concat([ids, end], axis=1).to_tensor()
        # A batch of no texts has no longest one: it still gets one step.
        missing = tf.maximum(1 - tf.shape(ids)[1], 0)
        ids = tf.pad(ids, [[0, 0], [0, missing]])
        return tf.ensure_shape(ids, [None, None])


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
