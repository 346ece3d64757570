"""Captions become ids of words, and ids captions."""

import pytest

from rnnzoo.text import CaptionTokenizer, Vocabulary, split_caption


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A dog runs .", ["a", "dog", "runs"]),
        ('Two men, "smiling" (both)!', ["two", "men", "smiling", "both"]),
        ("a tri-colored dog - wet", ["a", "tri-colored", "dog", "wet"]),
        ("the dog's ball", ["the", "dog", "'s", "ball"]),
        ("the girls' team 's van", ["the", "girls", "team", "'s", "van"]),
        ("Ein HÜGEL\n\tam   See", ["ein", "hügel", "am", "see"]),
        (b"\xff 3 cats", ["3", "cats"]),
        (" .,;! ", []),
    ],
)
def test_captions_are_split(caption, words):
    (found,) = split_caption([caption]).to_list()
    assert [word.decode() for word in found] == words


def test_ids_and_back():
    tokenizer = CaptionTokenizer(Vocabulary(["a", "dog", "'s", "ball"]), 5)
    ids = tokenizer(["A dog 's ball .", "a a a a a a", "", "a cat"]).numpy()
    assert ids.tolist() == [
        [2, 4, 5, 6, 7, 3],
        [2, 4, 4, 4, 4, 3],
        [2, 3, 0, 0, 0, 0],
        [2, 4, 1, 3, 0, 0],
    ]
    texts = [text.decode() for text in tokenizer.detokenize(ids).numpy()]
    assert texts == ["a dog's ball", "a a a a", "", "a"]
    assert tokenizer.detokenize([[4, 3, 5]]).numpy().tolist() == [b"a"]


def test_a_length_that_holds_no_word_is_refused():
    with pytest.raises(ValueError, match="max_length=1"):
        CaptionTokenizer(Vocabulary(["a"]), 1)
