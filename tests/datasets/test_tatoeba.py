"""The builder of Tatoeba: with TFDS's own test case, and its splits."""

import pytest

from rnnzoo.datasets import open_dataset
from rnnzoo.datasets.tatoeba import tatoeba_dataset_builder as module
from tests.datasets import builder_case
from tests.tiny_tatoeba import (
    HELD_OUT,
    LINES,
    SIZES,
    expect_small_archive,
    write_archive,
)


@pytest.fixture(autouse=True)
def _small_archive(monkeypatch):
    expect_small_archive(monkeypatch)


class TatoebaTest(builder_case.BuilderCase):
    DATASET_CLASS = module.Tatoeba
    BUILDER_CONFIG_NAMES_TO_TEST = ("en_de",)
    SPLITS = SIZES
    write_files = staticmethod(write_archive)


def read(builder, split):
    source, target = builder.info.supervised_keys
    return {
        example[source].decode(): [text.decode() for text in example[target].tolist()]
        for example in builder.as_dataset(split=split).as_numpy_iterator()
    }


def test_no_sentence_is_in_two_splits(tmp_path):
    write_archive(tmp_path)
    builder = open_dataset("tatoeba/en_de", [tmp_path / "data"], tmp_path)
    splits = {name: read(builder, name) for name in ("train", *HELD_OUT)}
    keys = [{module.normalize(text) for text in split} for split in splits.values()]
    assert len(set.union(*keys)) == sum(map(len, keys)) > 12
    for name, size in HELD_OUT.items():
        assert len(splits[name]) == size
        for text, references in splits[name].items():
            # All translations of both spellings, under the one that came first.
            assert text.startswith(("Sentence", "Other"))
            assert len(references) == (3 if text.startswith("Sentence") else 1)
    held_out = {
        module.normalize(text)
        for name in HELD_OUT
        for references in splits[name].values()
        for text in references
    }
    taught = {module.normalize(t) for texts in splits["train"].values() for t in texts}
    assert held_out
    assert not taught & held_out
    (digest,) = builder.info.metadata.values()
    assert len(digest) == 64


def test_the_other_direction_has_the_same_splits(tmp_path):
    write_archive(tmp_path)
    there, back = (
        open_dataset(f"tatoeba/{name}", [tmp_path / "data"], tmp_path)
        for name in ("en_de", "de_en")
    )
    for split in ("train", *HELD_OUT):
        pairs = {(a, b) for a, texts in read(there, split).items() for b in texts}
        turned = {(a, b) for b, texts in read(back, split).items() for a in texts}
        assert pairs == turned


def test_splits_do_not_depend_on_the_order_of_lines(tmp_path):
    write_archive(tmp_path)
    pairs = module.read_pairs(tmp_path / "deu-eng.zip", "deu.txt")
    assert len(pairs) == len(LINES)
    first, second = (module.split_pairs(p) for p in (pairs, pairs[::-1]))
    for name in first:
        received, expected = (
            {module.normalize(pair.english) for pair in split[name]}
            for split in (first, second)
        )
        assert received == expected


def test_missing_and_wrong_files_are_named(tmp_path):
    write_archive(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"fra-eng\.zip"):
        open_dataset("tatoeba/en_fr", [tmp_path / "a"], tmp_path)
    write_archive(tmp_path, ["Hi.\tSalut.", "Run!"], "fra-eng.zip")
    with pytest.raises(ValueError, match=r"Line 2 of fra.txt .*Received: 'Run!'"):
        module.read_pairs(tmp_path / "fra-eng.zip", "fra.txt")
    (tmp_path / "deu-eng.zip").write_bytes(b"no archive")
    with pytest.raises(ValueError, match="must be a zip archive with deu.txt"):
        module.read_pairs(tmp_path / "deu-eng.zip", "deu.txt")
