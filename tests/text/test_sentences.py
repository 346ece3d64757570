"""Texts cut into sentences."""

import pytest

from rnnzoo.text import last_emoji, split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Hello.", "How are you?", "Fine!"],
        ["I met Dr. Smith and Mr. J. R. Jones.", "They were late."],
        ["He said: “Stop!”", "Then he left."],
        ["It costs 3.50 dollars.", "12 are left."],
        ["Wait... what?", "No."],
        ["Really?!", "yes"],
        ["no capital. after a stop"],
        ["We meet at 5 p.m. Don't be late"],
        ["Great!", "😀 Thanks."],
        ["你好。", "再见！"],
        ["one"],
        [""],
    ],
)
def test_sentences_are_found_again(sentences):
    (found,) = split_sentences([" ".join(sentences)]).to_list()
    assert [text.decode() for text in found] == sentences


def test_lines_and_spaces_around_are_no_sentences():
    found = split_sentences(["  A line\n\n another.  \x1e B. \n", " \n ", "Yes.  No."])
    assert found.to_list() == [
        [b"A line", b"another.", b"B."],
        [b""],
        [b"Yes.", b"No."],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thanks! 🙂 🎉 ", " 🙂 🎉"),
        ("I love you❤️", "❤️"),
        ("two\nlines 👍🏽", " 👍🏽"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("🙂 is not the end", ""),
        ("plain.", ""),
        ("", ""),
    ],
)
def test_emoji_at_the_end(text, expected):
    assert last_emoji([text]).numpy()[0].decode() == expected
