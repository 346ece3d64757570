"""The runner's texts: the ids and sentences of `rnnzoo.text`, without TensorFlow."""

import json
import random
import sys
import unicodedata

import pytest

from rnnzoo.onnx.texts import TextReader, TextWriter, compile_pattern, replace_patterns
from rnnzoo.text import (
    CaptionTokenizer,
    SubwordTokenizer,
    Tokenizer,
    Vocabulary,
    describe_sentences,
    split_sentences,
)

# What the patterns look for, and what has gone wrong elsewhere.
PARTS = (  # noqa: SIM905
    "mr. |Dr. |No. |e.g. |<br />|<BR>| n't| 's| 'LL|-LRB-|-rsb-|...|! |? |5. |‘|’|“|”|"
    "`|´|。|▁|İ|ı|ſ|ẞ|ΑΣ |ﬁ|é|e\u0301|👩\u200d👧|(x)|don't|l'eau|film|Ein|\n|\r\n|\t|"
    "\v|\f|\0|\x1e|\x1f|\x85|\xa0|\u1680|\u2028|\u3000|\ufeff"
).split("|")
WORDS = ["film", "don't", "ein", "!", ".", "é", "(", '"']
LETTERS = "abcdefghijklnoprsuwxyz0123456789!?E"
PIECES = ["▁film", "▁f", "il", "▁don", "'", "▁", "m", "é", "t", ".", "▁Ein", "ei"]


def make_texts(count):
    rng = random.Random(0)

    def letter():
        drawn = rng.choice([rng.randint(32, 126), rng.randint(160, sys.maxunicode)])
        # Python and TensorFlow may know other versions of Unicode.
        return chr(drawn) if unicodedata.category(chr(drawn)) not in "CnCsCo" else "x"

    def part():
        drawn = rng.choice(PARTS) if rng.random() < 0.6 else letter()
        return drawn + " " * (rng.random() < 0.3)

    texts = ["".join(part() for _ in range(rng.randint(0, 30))) for _ in range(count)]
    return ["", " ", "word " * 50, "film" * 20, *texts]


def described(tokenizer):
    """A tokenizer's description as it comes out of a JSON file, and its tokens."""
    return json.loads(json.dumps(tokenizer.describe())), tokenizer.vocabulary.tokens


@pytest.mark.parametrize(
    "tokenizer",
    [
        Tokenizer(Vocabulary(WORDS), 12),
        SubwordTokenizer(Vocabulary(PIECES), 20),
        SubwordTokenizer(Vocabulary(PIECES), 20, lowercase=True),
        SubwordTokenizer(Vocabulary([*PIECES, *LETTERS]), 20, spells=True),
    ],
    ids=["words", "pieces", "lower-cased pieces", "spelled pieces"],
)
def test_ids_are_those_of_tensorflow(tokenizer):
    texts = make_texts(1000)
    reader = TextReader(*described(tokenizer))
    for text, row in zip(texts, tokenizer(texts).numpy(), strict=True):
        assert reader.tokenize(text) == [*row[row != 0]], ascii(text)


def test_beginnings_are_read_after_an_end_and_lose_their_first_words():
    tokenizer = Tokenizer(Vocabulary(WORDS), 5)
    rules, tokens = described(tokenizer)
    reader = TextReader({**rules, "opens": True}, tokens)
    texts = ["", "a film", "one two three film ! ."]
    for text, row in zip(texts, tokenizer.open(texts).numpy(), strict=True):
        assert reader.tokenize(text) == [*row[row != 0]]


def test_sentences_are_those_of_tensorflow():
    texts = make_texts(2000)
    rules = json.loads(json.dumps(describe_sentences()))
    for text, expected in zip(texts, split_sentences(texts).to_list(), strict=True):
        received = replace_patterns(text, rules["replacements"]).split(rules["cut"])
        assert received == [sentence.decode() for sentence in expected], ascii(text)


every_detokenizer = pytest.mark.parametrize(
    "tokenizer",
    [
        Tokenizer(Vocabulary(["a", "'s", "film", '"', ",", "(", ")", "-"]), 9),
        SubwordTokenizer(Vocabulary(["▁a", "'s", "▁", "m", "▁film", "(", "."]), 9),
        CaptionTokenizer(Vocabulary(["a", "'s", "film", "dog", "in", "the"]), 9),
    ],
    ids=["words", "pieces", "captions"],
)


@every_detokenizer
def test_texts_of_ids_are_those_of_tensorflow(tokenizer):
    writer = TextWriter(*described(tokenizer))
    rng, size = random.Random(0), len(tokenizer.vocabulary)
    rows = [[rng.randrange(size) for _ in range(8)] for _ in range(500)]
    texts = tokenizer.detokenize(rows).numpy()
    assert len(set(texts)) > 100
    for row, text in zip(rows, texts, strict=True):
        assert writer.detokenize(row) == text.decode()


def test_bytes_are_read_and_what_is_no_text_is_named():
    tokenizer = Tokenizer(Vocabulary(WORDS), 12)
    reader = TextReader(*described(tokenizer))
    raw = b"film\xff \xc3\xa9 \xe2\x82"
    (ids,) = reader.read(raw, "the input")
    assert ids.tolist() == tokenizer([raw]).numpy()[0].tolist()
    with pytest.raises(TypeError, match=r"Received: inputs\[2\] is of type float"):
        reader.read(1.5, "inputs[2]")


def test_patterns_end_where_those_of_re2_do():
    end = compile_pattern(r"x$", frozenset())
    assert end.search("x")
    assert not end.search("x\n")
    assert compile_pattern(r"\p{Lu}", frozenset("ÄΣß")).findall("ÄaßAΣ") == [*"ÄAΣ"]
