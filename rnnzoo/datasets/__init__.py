"""Data sets, through TensorFlow Datasets."""

from rnnzoo.datasets.loading import (
    DatasetNotPreparedError,
    find_feature,
    open_dataset,
)

__all__ = ["DatasetNotPreparedError", "find_feature", "open_dataset"]
