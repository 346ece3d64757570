"""Texts as token ids. The functions need TensorFlow; importing does not."""

from rnnzoo.text.base_tokenizer import BaseTokenizer
from rnnzoo.text.caption_tokenizer import CaptionTokenizer, split_caption
from rnnzoo.text.operations import standardize
from rnnzoo.text.sentences import (
    describe_sentences,
    last_emoji,
    split_sentences,
)
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
    "BaseTokenizer",
    "CaptionTokenizer",
    "SubwordTokenizer",
    "Tokenizer",
    "Vocabulary",
    "count_words",
    "describe_sentences",
    "last_emoji",
    "split_caption",
    "split_sentences",
    "split_words",
    "standardize",
]
