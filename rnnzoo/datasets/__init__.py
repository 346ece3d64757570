"""Data sets, through TensorFlow Datasets."""

from rnnzoo.datasets.loading import (
    DatasetDownloadError,
    DatasetNotPreparedError,
    find_feature,
    find_pair,
    open_dataset,
)

__all__ = [
    "DatasetDownloadError",
    "DatasetNotPreparedError",
    "find_feature",
    "find_pair",
    "open_dataset",
]
