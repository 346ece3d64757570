"""Texts as ids of word pieces, and back, in core TensorFlow ops."""

from typing import Any

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import TFTensor
from rnnzoo.text.base_tokenizer import BaseTokenizer
from rnnzoo.text.operations import (
    EMOJI,
    count_rows,
    lay_out,
    number_rows,
    replace_patterns,
    split_flat,
)
from rnnzoo.text.vocabulary import START_ID, UNKNOWN_ID, Vocabulary

SPACE = "▁"  # stands in a piece for the space before it, as in SentencePiece
MAX_WORD_LENGTH = 40  # letters; a word of thousands would cost much and mean nothing

# Of a word that is spelled: pieces at least, and letters at most for three pieces.
SPELLED_PIECES, SPELLED_LETTERS = 3, 7

# Applied in this order; the patterns are in RE2 syntax.
_REPLACEMENTS = (
    (f"{EMOJI}+", " "),  # they mean the same in every language
    ("[‘’`´]", "'"),
    (rf"[\p{{Z}}\p{{Cc}}{SPACE}]+", " "),  # every Unicode space and control character
    (r"^ | $", ""),
    (r"^(.)", r" \1"),
    (" ", f" {SPACE}"),
    (rf"({SPACE}?[^\p{{L}}\p{{M}}\p{{N}}{SPACE}' ])", r" \1 "),  # marks stand alone
    (r"'([^ ])", r"' \1"),  # l'eau is l' and eau
)


def split_words(texts: TFTensor, lowercase: bool = False) -> TFTensor:
    """Splits texts into words and marks that joined give the text again.

    A `▁` at the start of a word stands for the space before it. Runs of white space
    count as one space, and curly apostrophes become straight.

    Args:
        texts: String tensor or list of shape `(batch,)`, UTF-8.
        lowercase: Whether to lower-case. Default `False`.

    Returns:
        Ragged string tensor of shape `(batch, None)`.

    Example:

    ```python
    from rnnzoo.text import split_words

    (words,) = split_words(["L'eau, s'il vous plaît!"]).to_list()
    assert b"|".join(words).decode() == "▁L'|eau|,|▁s'|il|▁vous|▁plaît|!"
    ```
    """
    import tensorflow as tf

    return tf.strings.split(_separate(texts, lowercase))


def _separate(texts: TFTensor, lowercase: bool) -> TFTensor:
    """Texts with a space between what `split_words` splits."""
    import tensorflow as tf

    texts = replace_patterns(texts, _REPLACEMENTS)
    return tf.strings.lower(texts, encoding="utf-8") if lowercase else texts


class SubwordTokenizer(BaseTokenizer):
    """Turns texts into right-padded ids of word pieces, and ids into texts.

    Each word of `split_words` is cut from its start, always at the longest piece that
    the vocabulary has. Letters that no piece begins with are unknown, one id for a
    run of them; emoji are passed over. An end token closes every row, so that none is
    empty.

    Args:
        vocabulary: The pieces and their ids. `▁` at the start of a piece stands for
            the space before it.
        max_length: Ids of a row at most, the end token included: more are cut off. At
            least 2. Default 128.
        lowercase: Whether texts are lower-cased first. Default `False`.
        spells: Whether words that fall into small pieces, three or more of two and a
            third letters or less in the mean, are cut into letters instead. A name
            that nobody knows, or a number, then has the same letters in every
            language, and a network learns to copy them one by one. Default `False`.

    Call arguments:
        texts: String tensor or list of shape `(batch,)`, UTF-8. Of a word the first
            40 letters count.
        start: Whether a start token opens every row. Default `False`.

    Returns:
        Int32 tensor of shape `(batch, time)`, where `time` is the number of ids of
        the longest text, at least 1; 0 is padding.

    Raises:
        ValueError: If `max_length` is under 2.

    Example:

    ```python
    from rnnzoo.text import SubwordTokenizer, Vocabulary

    tokenizer = SubwordTokenizer(Vocabulary(["▁Hund", "e", "▁H", "u", "."]))
    token_ids = tokenizer(["Hunde."])
    assert token_ids.numpy().tolist() == [[4, 5, 8, 3]]
    assert tokenizer.detokenize(token_ids).numpy().tolist() == [b"Hunde."]
    ```

    References:
        - Sennrich et al., "Neural Machine Translation of Rare Words with Subword
          Units", 2016.
        - Kudo and Richardson, "SentencePiece", 2018: the space as a letter.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        max_length: int = 128,
        lowercase: bool = False,
        spells: bool = False,
    ):
        self.vocabulary = vocabulary
        self.spells = spells
        self.max_length = check_positive("max_length", max_length, minimum=2)
        self.lowercase = lowercase
        self.longest = max((len(t) for t in vocabulary.tokens[4:]), default=1)

    def __call__(self, texts: TFTensor, start: bool = False) -> TFTensor:
        import tensorflow as tf

        words, rows, num_words = split_flat(_separate(texts, self.lowercase))
        unique, places = tf.unique(words)
        pieces, starts, counts = self._cut(unique)
        if self.spells:
            pieces, starts, counts = self._spell(unique, pieces, starts, counts)
        # Each word's pieces stand together, from one place of `pieces` on.
        starts, counts = tf.gather(starts, places), tf.gather(counts, places)
        shifts = tf.gather(starts - tf.cumsum(counts) + counts, number_rows(counts))
        ids = tf.gather(pieces, tf.range(tf.size(shifts)) + shifts)
        lengths = tf.math.unsorted_segment_sum(counts, rows, tf.size(num_words))
        ids = lay_out(ids, lengths, self.max_length - 1 - start)
        if not start:
            return ids
        return tf.pad(ids, [[0, 0], [1, 0]], constant_values=START_ID)

    def _cut(self, words: TFTensor) -> tuple[TFTensor, TFTensor, TFTensor]:
        """The ids of all words' pieces, where those of each word begin, and how many
        they are."""
        import tensorflow as tf

        words = tf.strings.substr(words, 0, MAX_WORD_LENGTH, unit="UTF8_CHAR")
        lengths = tf.strings.length(words, unit="UTF8_CHAR")
        sizes = tf.range(self.longest, 0, -1)[None]

        def step(
            place: TFTensor, was_unknown: Any, rows: TFTensor, ids: TFTensor
        ) -> tuple[TFTensor, TFTensor, TFTensor, TFTensor]:
            open_rows = tf.where(place < lengths)[:, 0]
            start = tf.gather(place, open_rows)[:, None] + tf.zeros_like(sizes)
            text = tf.gather(words, open_rows)[:, None]
            candidates = tf.strings.substr(
                tf.tile(text, [1, self.longest]),
                start,
                tf.zeros_like(start) + sizes,
                unit="UTF8_CHAR",
            )
            found = self.vocabulary.lookup(candidates)
            # Beyond the word's end candidates repeat: the first is the longest.
            best = tf.argmax(found != UNKNOWN_ID, axis=1)[:, None]
            piece = tf.gather(found, best, batch_dims=1)[:, 0]
            text = tf.gather(candidates, best, batch_dims=1)[:, 0]
            is_unknown = piece == UNKNOWN_ID
            size = tf.where(is_unknown, 1, tf.strings.length(text, unit="UTF8_CHAR"))
            index = open_rows[:, None]
            place = tf.tensor_scatter_nd_add(place, index, size)
            is_new = ~(is_unknown & tf.gather(was_unknown, open_rows))
            was_unknown = tf.tensor_scatter_nd_update(was_unknown, index, is_unknown)
            rows = tf.concat([rows, tf.boolean_mask(open_rows, is_new)], 0)
            ids = tf.concat([ids, tf.boolean_mask(piece, is_new)], 0)
            return place, was_unknown, rows, ids

        place = tf.zeros_like(lengths)
        first = (
            place,
            place > 0,
            tf.zeros([0], tf.int64),
            tf.zeros([0], tf.int32),
        )
        shapes = (tf.TensorShape([None]),) * 4
        _, _, rows, ids = tf.while_loop(
            lambda place, *_: tf.reduce_any(place < lengths), step, first, shapes
        )
        counts = count_rows(rows, tf.size(words))
        ids = tf.gather(ids, tf.argsort(rows, stable=True))
        return ids, tf.cumsum(counts) - counts, counts

    def _spell(
        self, words: TFTensor, pieces: Any, starts: Any, counts: Any
    ) -> tuple[TFTensor, TFTensor, TFTensor]:
        """As `_cut`, with the letters of some words in the place of their pieces."""
        import tensorflow as tf

        words = tf.strings.substr(words, 0, MAX_WORD_LENGTH, unit="UTF8_CHAR")
        decoded = tf.raw_ops.UnicodeDecode(
            input=words, input_encoding="UTF-8", Tsplits=tf.int32
        )
        codes, splits = decoded.char_values, decoded.row_splits
        letters = tf.raw_ops.UnicodeEncode(
            input_values=codes,
            input_splits=tf.range(tf.size(codes) + 1),
            output_encoding="UTF-8",
        )
        ids = self.vocabulary.lookup(letters)
        lengths = splits[1:] - splits[:-1]
        rows = number_rows(lengths)

        def count(is_it: Any) -> Any:
            ones = tf.cast(is_it, tf.int32)
            return tf.math.unsorted_segment_sum(ones, rows, tf.size(words))

        size = count(codes != ord(SPACE))
        is_small = (counts >= SPELLED_PIECES) & (3 * size <= SPELLED_LETTERS * counts)
        is_spelled = is_small & (count(ids == UNKNOWN_ID) == 0)
        return (
            tf.concat([pieces, ids], 0),
            tf.where(is_spelled, tf.size(pieces) + splits[:-1], starts),
            tf.where(is_spelled, lengths, counts),
        )

    def detokenize(self, token_ids: Any) -> Any:
        """The texts that ids stand for.

        Args:
            token_ids: Integer tensor of shape `(batch, time)`, or `(time,)` of a
                single text. Special tokens are passed over, and so is all that
                follows the first end token.

        Returns:
            String tensor of shape `(batch,)`, or `()`.
        """
        import tensorflow as tf

        texts = self.vocabulary.join(token_ids)
        return tf.strings.strip(tf.strings.regex_replace(texts, SPACE, " "))

    def describe(self) -> dict[str, Any]:
        return {
            "pieces": "subwords",
            "max_length": self.max_length,
            "replacements": _REPLACEMENTS,
            "lowercase": self.lowercase,
            "max_word_length": MAX_WORD_LENGTH,
            "space": SPACE,
            "spelled": [SPELLED_PIECES, SPELLED_LETTERS] if self.spells else None,
        }
