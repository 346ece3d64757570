"""The builder of Flickr8k: with TFDS's own test case, and on damaged archives."""

import hashlib

import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import CaptionFeatures, find_captions, open_dataset
from rnnzoo.datasets.flickr8k import flickr8k_dataset_builder as module
from tests.datasets import builder_case
from tests.tiny_flickr8k import NAMES, SIZES, contents, write_files


class Flickr8kTest(builder_case.BuilderCase):
    DATASET_CLASS = module.Flickr8k
    SPLITS = SIZES
    write_files = staticmethod(write_files)


def test_examples_are_those_of_the_archives_in_their_order(tmp_path):
    write_files(tmp_path)
    builder = open_dataset("flickr8k", [tmp_path / "data"], tmp_path)
    images, _ = contents()
    decoders = {"image": tfds.decode.SkipDecoding()}
    for split, names in NAMES.items():
        data = builder.as_dataset(split=split, decoders=decoders)
        examples = list(tfds.as_numpy(data))
        assert [example["file_name"].decode() for example in examples] == names
        for name, example in zip(names, examples, strict=True):
            assert example["image"] == images[module.IMAGE_FOLDER + name]
            captions = [f"Caption {i} of # {name} .".encode() for i in range(5)]
            assert example["captions"].tolist() == captions
    # A set made of other archives can be told from this one.
    digest = hashlib.sha256((tmp_path / module.IMAGES).read_bytes()).hexdigest()
    again = open_dataset("flickr8k", [tmp_path / "data"])
    assert again.info.metadata["Flickr8k_Dataset.zip SHA-256"] == digest


def test_missing_archives_come_with_instructions(tmp_path):
    with pytest.raises(FileNotFoundError, match="Flickr8k_text.zip into"):
        open_dataset("flickr8k", [tmp_path / "data"], tmp_path / "nowhere")
    write_files(tmp_path)
    (tmp_path / module.TEXTS).unlink()
    with pytest.raises(
        FileNotFoundError, match="flickr8k needs Flickr8k_text.zip"
    ) as error:
        open_dataset("flickr8k", [tmp_path / "data"], tmp_path)
    assert module.Flickr8k.MANUAL_DOWNLOAD_INSTRUCTIONS in str(error.value)
    with pytest.raises(FileNotFoundError, match="as they are"):
        open_dataset("flickr8k", [tmp_path / "data"])


def test_damaged_archives_are_named(tmp_path):
    for name, message in (
        (module.IMAGES, "Flickr8k_Dataset.zip is damaged"),
        (module.TEXTS, "Flickr8k_text.zip must be a zip archive with Flickr8k.token"),
    ):
        write_files(tmp_path)
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[:-100])
        with pytest.raises(ValueError, match=message):
            open_dataset("flickr8k", [tmp_path / "data"], tmp_path)
    write_files(tmp_path)
    path = tmp_path / module.IMAGES
    content = contents()[0][module.IMAGE_FOLDER + "test_0.jpg"]
    path.write_bytes(path.read_bytes().replace(content, bytes(len(content))))
    with pytest.raises(ValueError, match="is damaged: .*test_0.jpg"):
        open_dataset("flickr8k", [tmp_path / "data"], tmp_path)


def test_captions_are_found_in_flickr8k_and_coco():
    flickr = tfds.builder("flickr8k", data_dir="here", try_gcs=False)
    expected = CaptionFeatures("image", "captions")
    assert find_captions(flickr) == expected
    assert find_captions(flickr, "image", "file_name").captions == "file_name"
    with pytest.raises(ValueError, match="Received: 'image'"):
        find_captions(flickr, captions="image")
    coco = tfds.builder("coco_captions", data_dir="here", try_gcs=False)
    expected = CaptionFeatures("image", "captions", "text")
    assert find_captions(coco) == expected


def test_captions_are_not_found_where_there_are_none():
    mnist = tfds.builder("mnist", data_dir="here", try_gcs=False)
    with pytest.raises(
        ValueError, match=r"captions feature of mnist must be one of \[\]"
    ):
        find_captions(mnist)
    with pytest.raises(ValueError, match="image feature of imdb_reviews"):
        find_captions(tfds.builder("imdb_reviews", data_dir="here", try_gcs=False))


@pytest.mark.parametrize("name", ["flickr8k", "coco_captions"])
def test_captions_are_read_as_one_row(name):
    builder = tfds.builder(name, data_dir="here", try_gcs=False)
    with tfds.testing.mock_data(num_examples=2):
        data = builder.as_dataset(split="train").map(find_captions(builder).read)
    for image, captions in data:
        assert image.shape[-1] == 3
        assert captions.dtype.name == "string"
        assert captions.shape.rank == 1
        assert captions.shape == (5,) or name != "flickr8k"


def test_one_text_is_one_caption():
    image, captions = CaptionFeatures("picture", "title").read(
        {"picture": b"...", "title": "A dog ."}
    )
    assert image == b"..."
    assert captions.numpy().tolist() == [b"A dog ."]
