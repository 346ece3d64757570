"""The builder of Multi30k: with TFDS's own test case, and on damaged files."""

from pathlib import Path

import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import find_pair, open_dataset
from rnnzoo.datasets.multi30k import multi30k_dataset_builder as module
from tests.datasets import builder_case
from tests.tiny_multi30k import SIZES, write_files


class Multi30kTest(builder_case.BuilderCase):
    DATASET_CLASS = module.Multi30k
    BUILDER_CONFIG_NAMES_TO_TEST = ("en_de",)
    SPLITS = SIZES
    write_files = staticmethod(write_files)


def test_every_direction_is_a_config():
    assert len(module.Multi30k.builder_configs) == 12
    assert {"en_de", "de_en", "en_fr", "en_cs", "cs_fr"} <= set(
        module.Multi30k.builder_configs
    )


def test_a_name_without_a_direction_is_refused():
    with pytest.raises(ValueError, match=r"one of .*multi30k/en_fr.*: 'multi30k'"):
        open_dataset("multi30k")


def test_a_manual_folder_is_read_without_network(tmp_path):
    write_files(tmp_path, ["de", "cs"])
    builder = open_dataset("multi30k/cs_de", [tmp_path / "data"], tmp_path)
    # Czech has no texts of 2017; English is not asked for.
    assert set(builder.info.splits) == {
        "train",
        "validation",
        "test_2016_flickr",
        "test_2018_flickr",
    }
    assert find_pair(builder) == ("cs", "de")
    examples = tfds.as_numpy(builder.as_dataset(split="train", as_supervised=True))
    first = sorted(tuple(text.decode() for text in pair) for pair in examples)[0]
    assert first == ("cs train 0 Ä", "de train 0 Ä")


def test_missing_files_are_named(tmp_path):
    write_files(tmp_path, ["en"])
    with pytest.raises(FileNotFoundError, match=r"train\.fr\.gz"):
        open_dataset("multi30k/en_fr", [tmp_path / "a"], tmp_path)


def test_checksums_are_registered():
    path = Path(module.__file__).with_name("checksums.tsv")
    urls = [line.split("\t")[0] for line in path.read_text().splitlines()]
    assert len(urls) == 15
    assert module.URL + "train.en.gz" in urls


def test_pairs_are_found_by_name_or_order():
    builder = tfds.builder("glue/mrpc", data_dir="here", try_gcs=False)
    assert find_pair(builder) == ("sentence1", "sentence2")
    assert find_pair(builder, "sentence2", "sentence1") == ("sentence2", "sentence1")
    with pytest.raises(
        ValueError, match=r"target text feature of glue.*Received: 'idx'"
    ):
        find_pair(builder, target="idx")
    with pytest.raises(ValueError, match="Received: 'text' for both"):
        find_pair(tfds.builder("imdb_reviews", data_dir="here", try_gcs=False))
