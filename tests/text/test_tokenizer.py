import itertools

import pytest
import tensorflow as tf

from rnnzoo.text import Tokenizer, Vocabulary, count_words

VOCABULARY = Vocabulary(list("abcdefghij"))
IDS = {letter: i for i, letter in enumerate("abcdefghij", start=4)}


def ids_of(letters):
    return [IDS[letter] for letter in letters] + [3]


def test_rows_end_and_are_padded_on_the_right():
    rows = Tokenizer(VOCABULARY)(["B a x!", "", "c"]).numpy().tolist()
    assert rows == [[5, 4, 1, 1, 3], [3, 0, 0, 0, 0], [6, 3, 0, 0, 0]]


def test_head_and_tail_of_long_texts_are_kept():
    tokenizer = Tokenizer(VOCABULARY, max_length=7)
    rows = tokenizer(["a b c d e f g h i j", "a b c d e f"]).numpy().tolist()
    assert rows == [ids_of("abghij"), ids_of("abcdef")]


@pytest.mark.parametrize("max_length", [2, 3, 4, 5])
def test_short_limits(max_length):
    rows = Tokenizer(VOCABULARY, max_length)(["a b c d e f g"]).numpy()
    assert rows.shape == (1, max_length)
    assert rows[0, -2] == IDS["g"]
    assert rows[0, -1] == 3


def test_too_short_a_limit_is_named():
    with pytest.raises(ValueError, match="Received: max_length=1"):
        Tokenizer(VOCABULARY, max_length=1)


def test_a_batch_of_no_texts_has_one_step():
    assert Tokenizer(VOCABULARY)(tf.zeros([0], tf.string)).shape == (0, 1)


def test_text_cannot_spell_special_tokens():
    rows = Tokenizer(VOCABULARY)(["[PAD] [END]"]).numpy()[0]
    assert 0 not in rows
    assert rows.tolist().count(3) == 1


def test_runs_in_a_graph_of_unknown_batch():
    function = tf.function(
        Tokenizer(VOCABULARY), input_signature=[tf.TensorSpec([None], tf.string)]
    )
    assert function(tf.constant(["a b"])).numpy().tolist() == [[4, 5, 3]]
    assert function(tf.constant(["a", "b c d"])).shape == (2, 4)


MARKS = Vocabulary(
    ["a", "well", "made", "film", "don't", "5", "10", "said", "he", *'.,!?;:()-/$%&"…*']
)
PRINTED = [
    "a well-made film.",
    "a film, he said: don't!",
    "well? well!",
    'he said "a film, well made" (a film).',
    'he said: "well." "a film," he said.',
    "$5, 10%, 5/10; a & a",
    "well… (well made)",
    "a film**",
    "made",
    "",
]


def test_open_puts_the_end_first_and_keeps_the_last_words():
    tokenizer = Tokenizer(VOCABULARY, max_length=4)
    rows = tokenizer.open(["B a x!", "", "c", "a b c d e f"]).numpy().tolist()
    assert rows == [[3, 4, 1, 1], [3, 0, 0, 0], [3, 6, 0, 0], [3, 7, 8, 9]]
    assert tokenizer.open(tf.zeros([0], tf.string)).shape == (0, 1)


def test_detokenize_is_the_inverse_for_texts_as_they_are_printed():
    tokenizer = Tokenizer(MARKS)
    ids = tokenizer.open(PRINTED)
    assert 1 not in ids.numpy()
    # Of what begins with an end token nothing would be left.
    texts = tokenizer.detokenize(ids[:, 1:]).numpy()
    assert [text.decode() for text in texts] == PRINTED
    function = tf.function(
        tokenizer.detokenize, input_signature=[tf.TensorSpec([None, None], tf.int64)]
    )
    texts = function(tf.cast(ids[:, 1:], tf.int64)).numpy()
    assert [text.decode() for text in texts] == PRINTED


def test_detokenize_passes_over_special_tokens_and_stops_at_the_end():
    rows = [[4, 1, 2, 5, 3, 6, 7], [3, 4, 4, 4, 4, 4, 4], [0, 0, 6, 0, 0, 0, 0]]
    texts = Tokenizer(VOCABULARY).detokenize(rows).numpy().tolist()
    assert texts == [b"a b", b"", b"c"]
    assert Tokenizer(VOCABULARY).detokenize([[], []]).numpy().tolist() == [b"", b""]


def test_what_is_spelled_begins_with_what_was_spelled_before():
    """A stream counts on it."""
    tokenizer = Tokenizer(MARKS)
    ids = tokenizer.open(PRINTED[3:4])[:, 1:]
    texts = [tokenizer.detokenize(ids[:, :n]).numpy()[0] for n in range(ids.shape[1])]
    for before, after in itertools.pairwise(texts):
        assert after.startswith(before)


def test_count_words():
    counts = count_words([["A b.", "a"], ["B b ärger"]])
    assert counts == {"a": 2, "b": 3, ".": 1, "ärger": 1}
