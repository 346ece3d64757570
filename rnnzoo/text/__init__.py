"""Texts as token ids. The functions need TensorFlow; importing does not."""

import importlib
from typing import Any

from rnnzoo.text.caption_tokenizer import CaptionTokenizer, split_caption
from rnnzoo.text.standardize import standardize
from rnnzoo.text.subword_tokenizer import SubwordTokenizer, split_words
from rnnzoo.text.tokenizer import Tokenizer, count_words
from rnnzoo.text.vocabulary import (
    END_ID,
    PAD_ID,
    SPECIAL_TOKENS,
    START_ID,
    UNKNOWN_ID,
    Vocabulary,
)

__all__ = [
    "END_ID",
    "PAD_ID",
    "SPECIAL_TOKENS",
    "START_ID",
    "UNKNOWN_ID",
    "CaptionTokenizer",
    "SubwordTokenizer",
    "Tokenizer",
    "Vocabulary",
    "count_words",
    "split_caption",
    "split_words",
    "standardize",
]


def __getattr__(name: str) -> Any:
    # Its home was here once.
    if name == "PairTokenizer":
        return importlib.import_module("rnnzoo").PairTokenizer
    raise AttributeError(f"module 'rnnzoo.text' has no attribute {name!r}")
