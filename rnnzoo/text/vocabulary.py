"""A vocabulary: which word has which id."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PAD_ID, UNKNOWN_ID, START_ID, END_ID = range(4)
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[START]", "[END]")


class Vocabulary:
    """Words, or pairs of words, and their ids.

    Ids 0 to 3 are padding, unknown word, start and end; words follow from 4 on.

    Args:
        words: The words in the order of their ids, without the special tokens. The
            words of a pair are joined by a space.

    Raises:
        ValueError: If a word occurs twice, is empty or holds other white space.

    Example:

    ```python
    from rnnzoo.text import Vocabulary

    vocabulary = Vocabulary.from_counts({"good": 2, "bad": 3}, max_size=6)
    assert vocabulary.tokens[4:] == ["bad", "good"] and len(vocabulary) == 6
    ```
    """

    def __init__(self, words: Iterable[str]):
        self.tokens = [*SPECIAL_TOKENS, *words]
        repeated = [t for t, n in Counter(self.tokens).items() if n > 1]
        if repeated:
            raise ValueError(
                "The words of a vocabulary must differ from each other and from "
                f"{SPECIAL_TOKENS}. Received more than once: {repeated[:5]}"
            )
        spaced = [t for t in self.tokens if not t or " ".join(t.split()) != t]
        if spaced:
            raise ValueError(
                "The words of a vocabulary must not be empty or hold white space but "
                f"single spaces between words. Received: {spaced[:5]}"
            )
        self._table: Any = None

    @classmethod
    def from_counts(
        cls, counts: Mapping[str, int], max_size: int, min_count: int = 1
    ) -> "Vocabulary":
        """Keeps the most frequent words; equal counts go by the alphabet.

        Args:
            counts: How often each word occurs.
            max_size: Size of the vocabulary at most, special tokens included.
            min_count: Least count of a word that is kept. Default 1.
        """
        if max_size <= len(SPECIAL_TOKENS):
            raise ValueError(
                f"`max_size` must be over {len(SPECIAL_TOKENS)}, the number of "
                f"special tokens. Received: max_size={max_size}"
            )
        words = [word for word, count in counts.items() if count >= min_count]
        words.sort(key=lambda word: (-counts[word], word))
        return cls(words[: max_size - len(SPECIAL_TOKENS)])

    @classmethod
    def load(cls, path: str | Path) -> "Vocabulary":
        """Reads a file written by `save`.

        Raises:
            ValueError: If the file does not begin with the special tokens.
        """
        tokens = Path(path).read_text(encoding="utf-8").split("\n")[:-1]
        special, words = tuple(tokens[:4]), tokens[4:]
        if special != SPECIAL_TOKENS:
            raise ValueError(
                f"The first lines of {path} must be {SPECIAL_TOKENS}. "
                f"Received: {special}"
            )
        return cls(words)

    def save(self, path: str | Path) -> None:
        """Writes one token a line; the number of the line, from 0, is the id."""
        text = "".join(f"{token}\n" for token in self.tokens)
        Path(path).write_text(text, encoding="utf-8", newline="\n")

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def table(self) -> Any:
        """The TensorFlow lookup table behind `lookup`."""
        if self._table is None:
            self._table = self._make_table()
        return self._table

    def lookup(self, tokens: Any) -> Any:
        """Ids of a string tensor's tokens: an int32 tensor of the same shape, with
        `UNKNOWN_ID` for words that are not in the vocabulary."""
        return self.table.lookup(tokens)

    def names(self, token_ids: Iterable[int]) -> list[str]:
        """The tokens that ids stand for, special tokens among them."""
        return [self.tokens[int(i)] for i in token_ids]

    def join(self, token_ids: Any, prefix: str = "") -> Any:
        """Joins the tokens that ids stand for.

        Args:
            token_ids: Integer tensor of shape `(batch, time)`, or `(time,)` of a
                single text. Special tokens are passed over, and so is all that
                follows the first end token.
            prefix: What is put before each token. Default: nothing.

        Returns:
            String tensor of shape `(batch,)`, or `()`.
        """
        import tensorflow as tf

        token_ids = tf.cast(token_ids, tf.int32)
        is_end = tf.cast(token_ids == END_ID, tf.int32)
        is_kept = (token_ids > END_ID) & (tf.cumsum(is_end, axis=-1) == 0)
        tokens = tf.gather(self.tokens, tf.where(is_kept, token_ids, PAD_ID))
        tokens = tf.where(is_kept, tf.strings.join([prefix, tokens]), "")
        return tf.strings.reduce_join(tokens, axis=-1)

    def _make_table(self) -> Any:
        import tensorflow as tf

        with tf.init_scope():
            ids = tf.range(len(SPECIAL_TOKENS), len(self), dtype=tf.int32)
            words = tf.constant(self.tokens[len(SPECIAL_TOKENS) :], tf.string)
            return tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(words, ids), UNKNOWN_ID
            )
