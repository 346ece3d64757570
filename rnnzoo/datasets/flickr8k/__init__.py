"""Flickr8k, as a TFDS data set."""

from rnnzoo.datasets.flickr8k.flickr8k_dataset_builder import Flickr8k

__all__ = ["Flickr8k"]
