"""Recurrent layers. Importing this module registers them with Keras."""

from rnnzoo.layers.dot_attention import DotAttention
from rnnzoo.layers.elman import Elman
from rnnzoo.layers.elman_cell import ElmanCell
from rnnzoo.layers.state_pooling import StatePooling
from rnnzoo.layers.tied_embedding import TiedEmbedding
from rnnzoo.layers.word_dropout import WordDropout

__all__ = [
    "DotAttention",
    "Elman",
    "ElmanCell",
    "StatePooling",
    "TiedEmbedding",
    "WordDropout",
]
