"""Recurrent layers. Importing this module registers them with Keras."""

from rnnzoo.layers.elman import Elman
from rnnzoo.layers.elman_cell import ElmanCell
from rnnzoo.layers.state_pooling import StatePooling
from rnnzoo.layers.word_dropout import WordDropout

__all__ = ["Elman", "ElmanCell", "StatePooling", "WordDropout"]
