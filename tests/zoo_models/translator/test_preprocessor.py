"""Pairs of texts, as a translator is taught them."""

from rnnzoo import TranslatorPreprocessor
from rnnzoo.text import SubwordTokenizer, Vocabulary
from tests.text.test_subword_tokenizer import PIECES


def test_a_batch_of_pairs_is_shifted_and_weighted():
    tokenizer = SubwordTokenizer(Vocabulary(PIECES))
    inputs, expected, weights = TranslatorPreprocessor(tokenizer, tokenizer).pair(
        ["Hund", "e"], ["Hund.", ""]
    )
    assert inputs["target_ids"].numpy().tolist() == [[2, 5, 14], [2, 3, 0]]
    assert expected.numpy().tolist() == [[5, 14, 3], [3, 0, 0]]
    assert weights.numpy().tolist() == [[1, 1, 1], [1, 0, 0]]
