"""Windows of a long text: side by side, each where the one before ended."""

import itertools

import numpy as np
import pytest

from rnnzoo.text import Vocabulary
from training.language_model.texts import (
    learn_counts,
    to_ids,
    unigram_perplexity,
)
from training.language_model.windows import Windows, join, to_documents

ROWS = [np.array(row) for row in ([4, 5, 6], [7, 8], [9], [10, 11, 12, 13])]


def batches(windows):
    return [inputs["forward"].numpy() for inputs, _ in windows.epoch()]


def test_rows_of_batches_go_on_where_they_ended():
    stream = np.arange(100, 129, dtype="int32")  # 29 ids: 3 lanes of 3 windows of 3
    windows = Windows({"forward": stream}, lanes=3, length=3, seed=1)
    received = batches(windows)
    assert len(windows) == len(received) == 3
    assert received[0].tolist() == [
        [100, 101, 102, 103],
        [109, 110, 111, 112],
        [118, 119, 120, 121],
    ]
    for before, after in itertools.pairwise(received):
        np.testing.assert_array_equal(before[:, -1], after[:, 0])
    (last,) = windows.epoch(0, 2)  # where a resumed run enters
    np.testing.assert_array_equal(last[0]["forward"], received[2])
    # Every id but the first and those left over is told once.
    told = np.sort(np.concatenate([batch[:, 1:].ravel() for batch in received]))
    np.testing.assert_array_equal(told, stream[1:28])


def test_too_few_words_are_named():
    stream = np.arange(9, dtype="int32")
    assert len(Windows({"a": stream}, lanes=2, length=4, seed=1)) == 1
    with pytest.raises(ValueError, match="There must be 11 words.*Received: 9"):
        Windows({"a": stream}, lanes=2, length=5, seed=1)


def test_texts_are_joined_forwards_and_backwards():
    forward, backward = join(ROWS, seed=3), join(ROWS, seed=3, backwards=True)
    for stream in (forward, backward):
        assert stream.dtype == "int32"
        assert stream[0] == stream[-1] == 3
        assert len(stream) == 10 + 5
    assert forward.tolist() != join(ROWS, seed=4).tolist()
    parts = [" ".join(map(str, s)).split(" 3 ") for s in (forward[1:], backward[1:])]
    texts = [[part.removesuffix(" 3").split() for part in some] for some in parts]
    assert sorted(map(len, texts[0])) == [1, 2, 3, 4]
    # The same texts in the same order, each turned around.
    assert texts[1] == [text[::-1] for text in texts[0]]


def test_documents_are_whole_and_turned_around_for_the_backward_model():
    names = ("forward", "backward")
    (inputs, _), *rest = to_documents(ROWS, names, batch_size=4, longest=3).epoch()
    assert not rest
    assert inputs["forward"].numpy()[:, :5].tolist() == [
        [3, 4, 5, 6, 3],
        [3, 7, 8, 3, 0],
        [3, 9, 3, 0, 0],
        [3, 10, 11, 12, 3],
    ]
    assert inputs["backward"].numpy()[[0, 1, 3], :5].tolist() == [
        [3, 6, 5, 4, 3],
        [3, 8, 7, 3, 0],
        [3, 12, 11, 10, 3],
    ]
    assert not inputs["forward"].numpy()[:, 5:].any()


def test_words_are_counted_with_ends_and_unknown_ones():
    texts = [b"a b a", b"c a", b"b d"]
    vocabulary, counts = learn_counts(texts, max_size=9, min_count=2)
    assert vocabulary.tokens[4:] == ["a", "b"]
    assert counts.tolist() == [1, 2, 1, 3, 3, 2]
    assert [row.tolist() for row in to_ids(texts, vocabulary)] == [
        [4, 5, 4],
        [1, 4],
        [5, 1],
    ]


def test_perplexity_of_frequencies_is_that_by_hand():
    vocabulary, counts = learn_counts([b"a b a", b"c a", b"b d"], 9, 2)
    share = counts / counts.sum()
    told = [share[i] for i in (4, 4, 3, 1, 3)]  # "a a", the end, "c", the end
    expected = np.prod(told) ** (-1 / 5)
    received = unigram_perplexity([b"a a", b"c"], vocabulary, counts)
    assert received == pytest.approx(expected, rel=1e-6)


def test_ids_over_65535_are_kept():
    vocabulary = Vocabulary(f"w{i}" for i in range(70_000))
    (row,) = to_ids([b"w69999 w0"], vocabulary)
    assert row.tolist() == [70_003, 4]
