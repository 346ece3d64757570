"""What needs the real data sets: TFDS_DATA_DIR, or a usual folder, must have them."""

import json

import pytest
from click.testing import CliRunner

from rnnzoo.cli import main

pytestmark = pytest.mark.data


def need(dataset):
    from rnnzoo.datasets import DatasetNotPreparedError, open_dataset

    try:
        open_dataset(dataset)
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    "preset", ["image_classifier_mnist", "image_classifier_mnist_rows"]
)
def test_digits_of_mnist(preset):
    need("mnist")
    arguments = ["evaluate", preset, "--limit", "400", "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["preset"], answer["dataset"]) == (preset, "mnist:3.0.1")
    assert (answer["split"], answer["num_examples"]) == ("test", 400)
    # 0.99 on all of them; four standard errors below that on 400.
    assert answer["metrics"]["accuracy"] > 0.97


def test_digits_of_mnist_are_where_ink_is_put():
    """Preparing what MNIST's makers prepared takes out the slant and no more."""
    import numpy as np

    from rnnzoo.datasets import open_dataset
    from rnnzoo.images import ink

    need("mnist")
    same = []
    for example in open_dataset("mnist").as_dataset(split="test[:200]"):
        image = example["image"].numpy() / np.float32(255)
        prepared = ink.center_ink(image, 28, 28).numpy()
        same.append(np.abs(prepared - ink.deslant(image)).max() < 0.02)
    assert np.mean(same) > 0.6


def test_sentiment_on_imdb():
    need("imdb_reviews")
    arguments = ["evaluate", "sentiment_imdb_en", "--limit", "400", "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["preset"] == "sentiment_imdb_en"
    assert answer["dataset"] == "imdb_reviews:1.0.0"
    assert (answer["split"], answer["num_examples"]) == ("test", 400)
    # 0.90 on all of them; four standard errors below that on 400.
    assert answer["metrics"]["accuracy"] > 0.84


def test_the_vocabulary_counts_imdb_as_published():
    """The published vocabulary is what the script learns from the train split."""
    from rnnzoo import SentimentClassifier
    from rnnzoo.datasets import open_dataset
    from training.core.holdout import split_validation
    from training.sentiment_classifier import data as text_data

    need("imdb_reviews")
    model = SentimentClassifier.from_preset("sentiment_imdb_en")
    data = text_data.read_split(open_dataset("imdb_reviews"), "train", "text", "label")
    training, _ = split_validation(data, 0.06, seed=0)
    words = text_data.learn_vocabulary(training.texts, 20_000, 2)
    assert words.tokens == model.preprocessor.vocabulary.tokens


def test_flickr8k_is_as_published():
    from rnnzoo.datasets import find_captions, open_dataset

    need("flickr8k")
    builder = open_dataset("flickr8k")
    sizes = {name: split.num_examples for name, split in builder.info.splits.items()}
    assert sizes == {"train": 6_000, "validation": 1_000, "test": 1_000}
    example = next(iter(builder.as_dataset(split="test")))
    assert example["file_name"] == b"3385593926_d3e9c21170.jpg"
    image, captions = find_captions(builder).read(example)
    assert image.shape[2] == 3
    assert captions.numpy()[0] == b"The dogs are in the snow in front of a fence ."
