"""`tokenizer.json`: the package `tokenizers` gives the ids that this one gives."""

import json
import unicodedata

import pytest
from tokenizers import Tokenizer as Reader

from rnnzoo import ZooModel, list_presets
from rnnzoo.export.tokenizer_json import tokenizer_json
from rnnzoo.text import CaptionTokenizer, SubwordTokenizer, Tokenizer, Vocabulary
from tests.onnx.test_texts import LETTERS, PIECES, WORDS, make_texts

FIT = {
    "language_model_imdb_en",
    "sentiment_en",
    "sentiment_imdb_en",
    "translator_multi30k_en_de",
    "translator_multi30k_en_fr",
}
LONGEST = 10_000  # ids that none of the texts here reaches
# One of each thing that the patterns look for, in all orders of three.
SIGNS = [*"ab'’ .,▁-é", "n't", "'s", "'LL", "'ſ", "-LRB-", "<br/>", "\n", "☃", "x" * 39]
TEXTS = [f"{a}{b}{c}" for a in SIGNS for b in SIGNS for c in SIGNS]
PARTS = [
    a + b for a in ["a", "b", "é"] for b in ["", "a", "b", "'", "'s", "'ll", "n't"]
]
TOKENIZERS = {
    "words": Tokenizer(Vocabulary(sorted({*WORDS, *PARTS})), LONGEST),
    "pieces": SubwordTokenizer(Vocabulary([*PIECES, *LETTERS, "▁E", "'t"]), LONGEST),
    "lower-cased pieces": SubwordTokenizer(
        Vocabulary([*PIECES, *LETTERS]), LONGEST, lowercase=True
    ),
}


def read_both(tokenizer, texts, opens=False):
    rules = {**tokenizer.describe(), "opens": opens}
    content = tokenizer_json(rules, tokenizer.vocabulary.tokens)
    reader = Reader.from_str(content.decode())
    rows = (tokenizer.open if opens else tokenizer)(texts).numpy()
    expected = [[*row[row != 0]] for row in rows]
    return [one.ids for one in reader.encode_batch(texts)], expected


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("texts", [make_texts(4000), TEXTS], ids=["drawn", "signs"])
def test_ids_are_those_of_tensorflow(name, texts):
    received, expected = read_both(TOKENIZERS[name], texts)
    for text, ids, others in zip(texts, received, expected, strict=True):
        assert ids == others, ascii(text)
    assert len({tuple(ids) for ids in received}) > 200


@pytest.mark.parametrize("name", TOKENIZERS)
def test_every_letter_is_what_it_is_to_tensorflow(name):
    # Unassigned letters aside: versions of Unicode differ in them.
    letters = map(chr, range(0x110000))
    known = [c for c in letters if unicodedata.category(c) not in ("Cn", "Cs", "Co")]
    texts = [f"a{letter}b" for letter in known]
    received, expected = read_both(TOKENIZERS[name], texts)
    differ = [
        f"{ord(c):x}"
        for c, ids, others in zip(known, received, expected, strict=True)
        if ids != others
    ]
    assert differ == []


def test_beginnings_are_read_after_an_end():
    received, expected = read_both(TOKENIZERS["words"], ["", "a film", "Ein"], True)
    assert received == expected
    assert received[1][0] == 3


@pytest.mark.parametrize("preset", [preset.name for preset in list_presets()])
def test_it_lies_beside_the_presets_that_it_fits(preset, tmp_path):
    model = ZooModel.from_preset(preset)
    folder = model.export(tmp_path, format="onnx")
    path = folder / "tokenizer.json"
    assert path.is_file() == (preset in FIT)
    if not path.is_file():
        return
    reader = Reader.from_file(str(path))
    rules = json.loads((folder / "signature.json").read_text(encoding="utf-8"))["reads"]
    texts = [*model.origin.examples, *make_texts(500)]
    texts = [t for t in texts if len(reader.encode(t).ids) < rules["max_length"]]
    assert len(texts) > 450
    rows = model.preprocessor
    read = rows.source if hasattr(rows, "source") else rows
    for text, row in zip(texts, read(texts).numpy(), strict=True):
        assert reader.encode(text).ids == [*row[row != 0]], ascii(text)


@pytest.mark.parametrize(
    ("tokenizer", "more"),
    [
        (SubwordTokenizer(Vocabulary([*PIECES, *LETTERS]), spells=True), {}),
        (SubwordTokenizer(Vocabulary(PIECES)), {}),  # letters that are no pieces
        (CaptionTokenizer(Vocabulary(["a", "dog"])), {}),
        (Tokenizer(Vocabulary(["σίγμα"])), {}),
        (Tokenizer(Vocabulary(WORDS)), {"sentences": {}}),
        (Tokenizer(Vocabulary(WORDS)), {"replacements": [("(.)", r"\1x")]}),
    ],
)
def test_what_does_not_fit_has_none(tokenizer, more):
    rules = {**tokenizer.describe(), **more}
    assert tokenizer_json(rules, tokenizer.vocabulary.tokens) is None
