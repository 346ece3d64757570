import pytest
import tensorflow as tf

from rnnzoo.text import SPECIAL_TOKENS, UNKNOWN_ID, Vocabulary


def test_ids_go_by_count_then_alphabet():
    counts = {"b": 2, "a": 2, "c": 5, "d": 1}
    assert Vocabulary.from_counts(counts, 7).tokens[4:] == ["c", "a", "b"]
    assert Vocabulary.from_counts(counts, 99, min_count=2).tokens[4:] == ["c", "a", "b"]


def test_lookup():
    ids = (
        Vocabulary(["c", "a"])
        .lookup(tf.constant(["a", "c", "x", "[PAD]"]))
        .numpy()
        .tolist()
    )
    assert ids == [5, 4, UNKNOWN_ID, UNKNOWN_ID]


def test_file_round_trip(tmp_path):
    words = ["ärger", "😀", "'", "not good"]
    Vocabulary(words).save(tmp_path / "vocabulary.txt")
    assert Vocabulary.load(tmp_path / "vocabulary.txt").tokens[4:] == words
    assert (tmp_path / "vocabulary.txt").read_bytes().count(b"\n") == 4 + len(words)


def test_a_file_without_special_tokens_is_refused(tmp_path):
    (tmp_path / "words.txt").write_text("a\nb\nc\nd\n")
    with pytest.raises(ValueError, match="first lines"):
        Vocabulary.load(tmp_path / "words.txt")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "b", "a"], r"more than once: \['a'\]"),
        ([SPECIAL_TOKENS[0]], r"more than once: \['\[PAD\]'\]"),
        (["a  b"], r"white space but.*Received: \['a  b'\]"),
        ([" a"], r"white space but.*Received: \[' a'\]"),
        ([""], r"must not be empty"),
    ],
)
def test_bad_words_are_named(words, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary(words)


def test_too_small_a_size_is_named():
    with pytest.raises(ValueError, match="Received: max_size=4"):
        Vocabulary.from_counts({"a": 1}, 4)


def test_special_tokens_and_what_follows_the_end_are_not_joined():
    vocabulary = Vocabulary(["a", "dog", "runs"])
    token_ids = [[2, 4, 1, 5, 3, 6, 3], [3, 0, 0, 0, 0, 0, 0], [0, 6, 6, 5, 4, 4, 4]]
    texts = vocabulary.join(token_ids, prefix="-").numpy().tolist()
    assert texts == [b"-a-dog", b"", b"-runs-runs-dog-a-a-a"]
    assert vocabulary.join(token_ids).numpy()[0] == b"adog"
