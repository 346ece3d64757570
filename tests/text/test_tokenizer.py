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


def test_pairs_get_ids_of_their_own():
    tokenizer = Tokenizer(VOCABULARY, 5, bigrams=Vocabulary(["a b", "c d", "x b"]))
    rows = tokenizer(["x b c d", "", "a b", "a b c d e f"]).numpy().tolist()
    assert rows[0] == [[1, 1], [5, 6], [6, 1], [7, 5], [3, 1]]
    assert rows[1] == [[3, 1], [0, 0], [0, 0], [0, 0], [0, 0]]
    assert rows[2] == [[4, 1], [5, 4], [3, 1], [0, 0], [0, 0]]
    # Pairs are those of the words that are kept.
    assert rows[3] == [[4, 1], [7, 1], [8, 1], [9, 1], [3, 1]]
    assert tokenizer([""]).numpy().tolist() == [[[3, 1]]]
    assert tokenizer(tf.zeros([0], tf.string)).shape == (0, 1, 2)


def test_count_words():
    counts = count_words([["A b.", "a"], ["B b ärger"]])
    assert counts == {"a": 2, "b": 3, ".": 1, "ärger": 1}
