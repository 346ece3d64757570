"""Data sets: found, or named as missing, without any network."""

import subprocess
import sys

import pytest
import requests
import tensorflow_datasets as tfds

from rnnzoo.datasets import (
    DatasetDownloadError,
    DatasetNotPreparedError,
    find_feature,
    open_dataset,
)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)


def test_a_missing_set_says_what_to_do():
    with pytest.raises(DatasetNotPreparedError, match="'imdb_reviews'") as error:
        open_dataset("imdb_reviews")
    for part in ("build/tfds", "--data-dir", "TFDS_DATA_DIR"):
        assert part in str(error.value)
    command = "python -m rnnzoo.datasets imdb_reviews --download --data-dir build/tfds"
    assert str(error.value).endswith(f"\n    {command}")


def test_the_answer_does_not_wait_for_tensorflow():
    """Its import alone would take most of the seconds that an answer may take."""
    script = (
        "import sys\nfrom rnnzoo.datasets.__main__ import main\n"
        "try: main(['imdb_reviews'])\n"
        "except SystemExit as error: assert error.code == 1\n"
        "assert 'tensorflow' not in sys.modules"
    )
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "'imdb_reviews' is not prepared" in result.stderr


def test_a_set_made_by_hand_says_what_it_needs():
    with pytest.raises(DatasetNotPreparedError, match="--manual-dir FOLDER") as error:
        open_dataset("cityscapes")
    manual = tfds.builder("cityscapes", data_dir="here", try_gcs=False)
    assert manual.MANUAL_DOWNLOAD_INSTRUCTIONS.strip() in str(error.value)


def _fail(error):
    def fail(*args, **kwargs):
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        tfds.download.download_manager.NonMatchingChecksumError("other bytes"),
        tfds.download.DownloadError("Failed to get url. HTTP code: 404."),
        requests.exceptions.ConnectionError("no route to host"),
    ],
)
def test_files_that_cannot_be_had_come_with_a_recipe(monkeypatch, error):
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", _fail(error))
    with pytest.raises(DatasetDownloadError) as raised:
        open_dataset("imdb_reviews", download=True)
    message = str(raised.value)
    assert str(error) in message
    # Name, SHA-256 and address of the file, and the command that takes it.
    assert "aclImdb_v1.tar.gz  80.23 MiB, SHA-256 c40f74a18d3b61f90feb" in message
    assert "from http://ai.stanford.edu/~amaas/data/sentiment/" in message
    assert message.endswith(
        "python -m rnnzoo.datasets imdb_reviews --download --manual-dir FOLDER "
        "--data-dir build/tfds"
    )


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
    digits = tfds.builder("mnist", data_dir="here", try_gcs=False)
    assert find_feature(digits, "image") == "image"
