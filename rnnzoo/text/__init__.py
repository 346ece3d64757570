"""From texts to token ids. The functions need TensorFlow; importing does not."""

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
from zoo_models.translator.preprocessor import PairTokenizer, teacher_forcing

__all__ = [
    "END_ID",
    "PAD_ID",
    "SPECIAL_TOKENS",
    "START_ID",
    "UNKNOWN_ID",
    "CaptionTokenizer",
    "PairTokenizer",
    "SubwordTokenizer",
    "Tokenizer",
    "Vocabulary",
    "count_words",
    "split_caption",
    "split_words",
    "standardize",
    "teacher_forcing",
]
