"""Data sets, through TensorFlow Datasets; captions of one's own images."""

from rnnzoo.datasets.caption_folder import read_caption_folder
from rnnzoo.datasets.features import (
    CaptionFeatures,
    find_captions,
    find_feature,
    find_pair,
)
from rnnzoo.datasets.loading import (
    DatasetDownloadError,
    DatasetNotPreparedError,
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
    "read_caption_folder",
]
