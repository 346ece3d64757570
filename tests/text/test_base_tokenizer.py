"""All tokenizers have `tokenize` and `detokenize`."""

import numpy as np
import pytest

from rnnzoo.text import CaptionTokenizer, SubwordTokenizer, Tokenizer, Vocabulary

WORDS = Vocabulary(["a", "film", "what", "!"])
PIECES = Vocabulary(["▁Was", "▁für", "▁ein", "▁Film", "!"])
TOKENIZERS = {
    "words": (Tokenizer(WORDS), "What a film!", "what a film!"),
    "pieces": (SubwordTokenizer(PIECES), "Was für ein Film!", "Was für ein Film!"),
    "captions": (CaptionTokenizer(WORDS), "What a film!", "what a film"),
}


@pytest.mark.parametrize("name", TOKENIZERS)
def test_there_and_back(name):
    tokenizer, text, expected = TOKENIZERS[name]
    rows = tokenizer.tokenize([text, text[:6]])
    np.testing.assert_array_equal(rows, tokenizer([text, text[:6]]))
    texts = tokenizer.detokenize(rows).numpy()
    assert texts[0].decode() == expected
    assert len(texts) == 2
    row = tokenizer.tokenize(text)
    np.testing.assert_array_equal(row, tokenizer([text])[0])
    assert tokenizer.detokenize(row).numpy().decode() == expected


def test_ids_have_names():
    ids = TOKENIZERS["pieces"][0].tokenize("Was für Wein!").numpy()
    assert PIECES.names(ids) == ["▁Was", "▁für", "[UNK]", "!", "[END]"]
