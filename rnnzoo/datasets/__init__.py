"""Data sets, through TensorFlow Datasets."""

from rnnzoo.datasets.captions import CaptionFeatures, find_captions
from rnnzoo.datasets.loading import (
    DatasetDownloadError,
    DatasetNotPreparedError,
    find_feature,
    find_pair,
    open_dataset,
)

__all__ = [
    "CaptionFeatures",
    "DatasetDownloadError",
    "DatasetNotPreparedError",
    "find_captions",
    "find_feature",
    "find_pair",
    "open_dataset",
]
