import pytest

from rnnzoo.text import standardize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A film, a FILM!", "a film , a film !"),
        ("first<br /><br/>second<BR>third", "first second third"),
        ("Don't say 'never'.", "don't say 'never' ."),
        ("It’s “good”", 'it\'s " good "'),
        ("ÄRGER Ñandú ΣΟΦΌΣ", "ärger ñandú σοφός"),
        ("a\u00a0b\u3000c\td\ne\x00f", "a b c d e f"),
        ("e\u0301te\u0301 हिन्दी", "e\u0301te\u0301 हिन्दी"),
        ("好き 10/10 😀", "好き 10 / 10 😀"),
        (b"ab\xff\xfecd", "ab \ufffd \ufffd cd"),
        ("", ""),
    ],
)
def test_words(text, words):
    assert standardize([text])[0].numpy().decode().split() == words.split()


def test_shape_is_kept():
    assert standardize([["a"], ["b"]]).shape == (2, 1)
