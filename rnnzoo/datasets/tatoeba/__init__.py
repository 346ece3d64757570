"""Tatoeba's sentence pairs, as a TFDS data set."""

from rnnzoo.datasets.tatoeba.tatoeba_dataset_builder import Tatoeba

__all__ = ["Tatoeba"]
