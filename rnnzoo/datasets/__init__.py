"""Data sets, through TensorFlow Datasets."""

from rnnzoo.datasets.loading import (
    DatasetNotPreparedError,
    find_feature,
    find_pair,
    open_dataset,
)

__all__ = ["DatasetNotPreparedError", "find_feature", "find_pair", "open_dataset"]
