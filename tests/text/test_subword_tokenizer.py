"""Subwords: longest match as by hand, nothing lost on the way back."""

import numpy as np
import pytest

from rnnzoo.text import (
    SubwordTokenizer,
    Vocabulary,
    split_words,
)

PIECES = ["▁", "▁Hund", "▁Hunde", "hütte", "h", "ü", "t", "e", "▁H", "u", ".", "▁l'"]


def by_hand(word, pieces):
    """Greedy longest match in Python; ids from 4 on, one 1 for a run of unknowns."""
    ids = []
    while word:
        size = max(
            (n for n in range(1, len(word) + 1) if word[:n] in pieces), default=0
        )
        if size or ids[-1:] != [1]:
            ids.append(4 + pieces.index(word[:size]) if size else 1)
        word = word[max(size, 1) :]
    return ids


def test_words_are_cut_at_the_longest_piece():
    words = ["Hundehütte", "Hund", "Hundee", "He", "Hüx", "xxHxü", "e", "l'e"]
    tokenizer = SubwordTokenizer(Vocabulary(PIECES))
    rows = tokenizer(words).numpy()
    for word, row in zip(words, rows, strict=True):
        cut = split_words([word]).to_list()[0]
        expected = [i for w in cut for i in by_hand(w.decode(), PIECES)]
        received = row[: np.count_nonzero(row)].tolist()
        assert received == [*expected, 3], word


def test_random_words_are_cut_as_by_hand():
    rng = np.random.default_rng(0)
    letters = list("abcé")
    pieces = sorted({"".join(rng.choice(letters, n)) for n in (1, 2, 2, 3, 3, 4) * 4})
    pieces = ["▁", *(p for p in pieces if p != "é")]
    texts = ["".join(rng.choice(letters, rng.integers(1, 9))) for _ in range(40)]
    rows = SubwordTokenizer(Vocabulary(pieces))(texts).numpy()
    for text, row in zip(texts, rows, strict=True):
        assert row[: np.count_nonzero(row)].tolist() == [
            *by_hand("▁" + text, pieces),
            3,
        ]


@pytest.mark.parametrize(
    "text",
    [
        "Ein Mann, der (links) steht, sagt: „Hallo!“",
        "L'homme n'a pas d'eau aujourd'hui.",
        "5.30 Uhr - drei-jährig & co.",
        "x",
    ],
)
def test_texts_come_back(text):
    letters = ["▁", *sorted(set(text.replace(" ", "")))]
    tokenizer = SubwordTokenizer(Vocabulary(letters))
    assert tokenizer.detokenize(tokenizer([text]))[0].numpy().decode() == text


def test_spaces_case_and_quotes():
    words = split_words(["  A\u00a0b\n\nC’d▁e ", ""], lowercase=True).to_list()
    assert [w.decode() for w in words[0]] == ["▁a", "▁b", "▁c'", "d", "▁e"]
    assert words[1] == []


def test_rows_end_and_are_cut_off():
    tokenizer = SubwordTokenizer(Vocabulary(PIECES), max_length=3)
    assert tokenizer(["", "Hundehuhu"]).numpy().tolist() == [
        [3, 0, 0],
        [6, 8, 3],
    ]
    assert tokenizer(["Hund"], start=True).numpy().tolist() == [[2, 5, 3]]
    assert tokenizer([]).shape == (0, 1)


def test_a_huge_word_costs_no_more_than_forty_letters():
    tokenizer = SubwordTokenizer(Vocabulary(PIECES), max_length=3000)
    assert tokenizer(["e" * 2000]).shape == (1, 41)


def test_words_of_small_pieces_are_spelled():
    letters = ["▁", *"abcdehnuxHU'.1", "é"]
    vocabulary = Vocabulary([*letters, "▁hund", "ab", "▁ab", "eh", "hund"])

    def cut(text, spells=True):
        tokenizer = SubwordTokenizer(vocabulary, lowercase=True, spells=spells)
        ids = tokenizer([text])
        assert tokenizer.detokenize(ids)[0].numpy().decode() == text
        return [vocabulary.tokens[i] for i in ids.numpy()[0, :-1]]

    # Five letters in two pieces, seven in three, eight in three.
    assert cut("hunde") == ["▁hund", "e"]
    assert cut("hundeab") == ["▁", *"hundeab"]
    assert cut("hundeab", spells=False) == ["▁hund", "e", "ab"]
    assert cut("hundehab") == ["▁hund", "eh", "ab"]
    assert cut("hund 111 ab.") == ["▁hund", "▁", *"111", "▁ab", "."]
    # Two pieces are few; an apostrophe parts a word, a space none.
    assert cut("abé hund") == ["▁ab", "é", "▁hund"]
    assert cut("abcx'abcx") == ["▁", *"abcx'", *"abcx"]


def test_letters_that_are_unknown_are_left_as_they_were():
    vocabulary = Vocabulary(["▁", *"abc", "▁ab"])
    tokenizer = SubwordTokenizer(vocabulary, spells=True)
    assert tokenizer(["abQc", "", "abcc"]).numpy().tolist() == [
        [8, 1, 7, 3, 0, 0],
        [3, 0, 0, 0, 0, 0],
        [4, 5, 6, 7, 7, 3],
    ]


def test_detokenize_stops_at_the_end():
    tokenizer = SubwordTokenizer(Vocabulary(PIECES))
    texts = tokenizer.detokenize([[2, 5, 14, 3, 5], [1, 0, 6, 0, 0]])
    assert [t.decode() for t in texts.numpy()] == ["Hund.", "Hunde"]


def test_max_length_is_checked():
    with pytest.raises(ValueError, match="Received: max_length=1"):
        SubwordTokenizer(Vocabulary(PIECES), max_length=1)
