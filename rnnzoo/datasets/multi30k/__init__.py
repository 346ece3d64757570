"""Multi30k, as a TFDS data set."""

from rnnzoo.datasets.multi30k.multi30k_dataset_builder import Multi30k

__all__ = ["Multi30k"]
