"""Stop strings: found wherever they begin, and never given out in part."""

import itertools

import pytest

from zoo_models.language_model.stops import check_stops, cut_at, pieces

WORDS = ["ab", "a", "bc", "", "abab", "c"]
TEXT = "".join(WORDS)


def spell(token_ids):
    return "".join(WORDS[i] for i in token_ids)


def test_what_is_given_is_what_is_left_of_the_cut():
    """With each part of the text as the stop string, over the edges of words too."""
    parts = {TEXT[i:j] for i, j in itertools.combinations(range(len(TEXT) + 1), 2)}
    assert len(parts) > 20
    for stop in parts:
        given = [*pieces(range(len(WORDS)), spell, [stop])]
        assert "".join(given) == TEXT.partition(stop)[0], stop
        assert all(given), stop
    for stops in itertools.permutations(parts, 2):
        given = "".join(pieces(range(len(WORDS)), spell, stops))
        assert given == cut_at(TEXT, stops), stops


def test_the_stop_string_that_ends_first_counts():
    assert cut_at("one two three", ["three", "two"]) == "one "
    assert cut_at("one two three", ["ne two three", "two"]) == "one "
    assert cut_at("one two three", ["two", "one two"]) == ""
    assert cut_at("one two three", ["four"]) == "one two three"


def test_words_come_one_by_one_and_no_more_are_taken_than_needed():
    assert [*pieces(range(len(WORDS)), spell, [])] == [w for w in WORDS if w]
    taken = iter(range(len(WORDS)))
    assert [*pieces(taken, spell, ["bcab"])] == ["a", "ba"]
    assert next(taken) == 5


def test_what_began_like_a_stop_string_comes_at_the_end():
    assert [*pieces([0, 1], spell, ["aba!"])] == ["aba"]


@pytest.mark.parametrize("stop", ["", ["a", ""], [3], 3, None])
def test_stop_strings_that_are_none_are_named(stop):
    with pytest.raises(ValueError, match="must be a string or several") as error:
        check_stops(stop)
    assert repr(stop) in str(error.value)
