"""Data sets: found, or named as missing, without any network."""

import pytest

from rnnzoo.datasets import DatasetNotPreparedError, find_feature, open_dataset


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)


def test_a_missing_set_says_what_to_do():
    with pytest.raises(DatasetNotPreparedError, match="'imdb_reviews'") as error:
        open_dataset("imdb_reviews")
    for part in ("build/tfds", "--data-dir", "TFDS_DATA_DIR", "--download"):
        assert part in str(error.value)


def test_the_named_folders_are_searched(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "env"))
    with pytest.raises(DatasetNotPreparedError, match=str(tmp_path / "env")):
        open_dataset("imdb_reviews")
    with pytest.raises(DatasetNotPreparedError, match="one.*two"):
        open_dataset("imdb_reviews", [tmp_path / "one", tmp_path / "two"])


def test_an_unknown_set_is_named():
    with pytest.raises(ValueError, match="Received: 'nonsense'"):
        open_dataset("nonsense")


def test_a_manual_folder_is_no_leave_to_download(tmp_path):
    with pytest.raises(DatasetNotPreparedError, match="add --download instead"):
        open_dataset("imdb_reviews", manual_dir=tmp_path)


def test_an_unknown_version_is_named():
    with pytest.raises(ValueError, match="Received: 'imdb_reviews:9.9.9'"):
        open_dataset("imdb_reviews:9.9.9")


def test_features_are_found_by_kind():
    import tensorflow_datasets as tfds

    builder = tfds.builder("imdb_reviews", data_dir="here", try_gcs=False)
    assert find_feature(builder, "text") == "text"
    assert find_feature(builder, "label") == "label"
    assert find_feature(builder, "label", "label") == "label"
    with pytest.raises(ValueError, match=r"one of \['label'\]. Received: 'text'"):
        find_feature(builder, "label", "text")
    several = tfds.builder("glue/sst2", data_dir="here", try_gcs=False)
    assert find_feature(several, "text") == "sentence"
    pairs = tfds.builder("glue/mrpc", data_dir="here", try_gcs=False)
    with pytest.raises(ValueError, match="Received: none was named"):
        find_feature(pairs, "text")
