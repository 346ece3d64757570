"""Texts as ids of word pieces, and back, in core TensorFlow ops."""

from typing import Any

from rnnzoo.checks import check_positive
from rnnzoo.text.padding import pad_rows
from rnnzoo.text.standardize import EMOJI, replace_patterns
from rnnzoo.text.tokenizer_verbs import TokenizerVerbs
from rnnzoo.text.vocabulary import END_ID, START_ID, UNKNOWN_ID, Vocabulary

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


def split_words(texts: Any, lowercase: bool = False) -> Any:
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

    texts = replace_patterns(texts, _REPLACEMENTS)
    if lowercase:
        texts = tf.strings.lower(texts, encoding="utf-8")
    return tf.strings.split(texts)


class SubwordTokenizer(TokenizerVerbs):
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

    def __call__(self, texts: Any, start: bool = False) -> Any:
        import tensorflow as tf

        words = split_words(texts, self.lowercase)
        unique, places = tf.unique(words.flat_values)
        pieces = self._cut(unique)
        if self.spells:
            pieces = self._spell(unique, pieces)
        ids = tf.gather(pieces, words.with_values(places)).merge_dims(1, 2)
        ids = ids[:, : self.max_length - 1 - start]
        end = tf.fill([ids.nrows(), 1], END_ID)
        opening = [tf.fill([ids.nrows(), 1], START_ID)] if start else []
        return pad_rows(tf.concat([*opening, ids, end], axis=1))

    def _cut(self, words: Any) -> Any:
        """The ids of each word's pieces, a ragged tensor of shape `(words, None)`."""
        import tensorflow as tf

        words = tf.strings.substr(words, 0, MAX_WORD_LENGTH, unit="UTF8_CHAR")
        lengths = tf.strings.length(words, unit="UTF8_CHAR")
        sizes = tf.range(self.longest, 0, -1)[None]

        def step(
            place: Any, was_unknown: Any, rows: Any, ids: Any
        ) -> tuple[Any, Any, Any, Any]:
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
        order = tf.argsort(rows, stable=True)
        return tf.RaggedTensor.from_value_rowids(
            tf.gather(ids, order),
            tf.gather(rows, order),
            nrows=tf.size(words, tf.int64),
        )

    def _spell(self, words: Any, pieces: Any) -> Any:
        """The pieces, or the letters, of each word, a ragged tensor like `pieces`."""
        import tensorflow as tf

        letters = tf.strings.unicode_split(
            tf.strings.substr(words, 0, MAX_WORD_LENGTH, unit="UTF8_CHAR"), "UTF-8"
        )
        ids = letters.with_flat_values(self.vocabulary.lookup(letters.flat_values))
        count = pieces.row_lengths()
        size = tf.reduce_sum(tf.cast(letters != SPACE, "int64"), axis=1)
        is_small = (count >= SPELLED_PIECES) & (3 * size <= SPELLED_LETTERS * count)
        is_spelled = is_small & tf.reduce_all(ids != UNKNOWN_ID, axis=1)

        def where(keep: Any, rows: Any) -> Any:
            mask = rows.with_flat_values(tf.repeat(keep, rows.row_lengths()))
            return tf.ragged.boolean_mask(rows, mask)

        return tf.concat([where(~is_spelled, pieces), where(is_spelled, ids)], axis=1)

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
