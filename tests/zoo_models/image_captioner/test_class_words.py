"""The words of captions for ImageNet's classes."""

import re

import numpy as np
import pytest

from rnnzoo.text import split_caption
from zoo_models.image_captioner.class_words import (
    KINDS,
    TABLE,
    read_class_words,
)

CLASS_WORDS = read_class_words()


def word_of(class_index):
    place = CLASS_WORDS.fold[class_index]
    return None if place == -1 else CLASS_WORDS.words[place]


@pytest.mark.parametrize(
    ("classes", "word"),
    [
        ([0, 397], "fish"),
        ([*range(151, 269), 273, 274, 275], "dog"),
        ([281, 282, 283, 284, 285], "cat"),
        ([294, 295, 296, 297], "bear"),
        ([340], "zebra"),
        ([101, 385, 386], "elephant"),
        ([404, 895], "airplane"),
        ([436, 511, 581, 661, 751, 817], "car"),
        ([466, 547, 565, 705, 820], "train"),
        ([654, 779, 874], "bus"),
        ([468], "taxi"),
        ([620, 681], "laptop"),
        ([703], "bench"),
        ([831], "couch"),
        ([861], "toilet"),
        ([963], "pizza"),
        ([970], "mountain"),
        ([977, 978], "beach"),
        ([999], "paper"),
    ],
)
def test_classes_have_the_word_of_captions(classes, word):
    assert {word_of(i) for i in classes} == {word}


def test_what_is_folded_into_a_word_is_all_of_it():
    (dogs,) = np.nonzero(CLASS_WORDS.fold == CLASS_WORDS.words.index("dog"))
    assert dogs.tolist() == [*range(151, 269), 273, 274, 275]


def test_each_class_has_a_word_or_none():
    assert CLASS_WORDS.fold.shape == (1000,)
    assert CLASS_WORDS.fold.dtype == np.int32
    assert set(CLASS_WORDS.fold) == {-1, *range(len(CLASS_WORDS.words))}
    assert word_of(686) is None  # an oil filter
    assert (CLASS_WORDS.fold == -1).sum() < 20
    with pytest.raises(ValueError, match="read-only"):
        CLASS_WORDS.fold[0] = 1


def test_words_are_those_of_the_tokenizer():
    assert list(CLASS_WORDS.words) == sorted(set(CLASS_WORDS.words))
    assert all(re.fullmatch("[a-z]+", word) for word in CLASS_WORDS.words)
    split = split_caption(list(CLASS_WORDS.words)).to_list()
    assert split == [[word.encode()] for word in CLASS_WORDS.words]


def test_each_word_has_a_kind_and_each_kind_words():
    assert set(CLASS_WORDS.kinds) == set(CLASS_WORDS.words)
    assert set(CLASS_WORDS.kinds.values()) == set(KINDS)
    assert CLASS_WORDS.kinds["cat"] == "animal"
    assert CLASS_WORDS.kinds["bus"] == "vehicle"
    assert CLASS_WORDS.kinds["broccoli"] == "food"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("6\tstingray\tanimal", "must have class 5.*Received: '6"),
        ("5\tstingray", "must have class 5"),
        ("5\tstingray\tfishes", "one of .*'animal'.*Received: '5"),
        ("5\tfish\tfood", "'fish' has 'animal' already"),
        ("# 5\tstingray\tanimal", "must have class 5.*Received: '6"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    table = TABLE.read_text(encoding="utf-8")
    assert "\n5\tstingray\tanimal\n" in table
    path = tmp_path / "words.txt"
    path.write_text(table.replace("5\tstingray\tanimal", line, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_class_words(path)


def test_a_short_table_is_named(tmp_path):
    table = TABLE.read_text(encoding="utf-8")
    path = tmp_path / "words.txt"
    path.write_text(table[: table.rindex("999\t")], encoding="utf-8")
    with pytest.raises(ValueError, match="must have 1000 classes. Received: 999"):
        read_class_words(path)
