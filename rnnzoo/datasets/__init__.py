"""Data sets, through TensorFlow Datasets."""

from rnnzoo.datasets.loading import (
    DatasetDownloadError,
    DatasetNotPreparedError,
    find_feature,
    open_dataset,
)

__all__ = [
    "DatasetDownloadError",
    "DatasetNotPreparedError",
    "find_feature",
    "open_dataset",
]
