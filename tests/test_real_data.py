"""What needs the real data sets: TFDS_DATA_DIR, or a usual folder, must have them."""

import json

import pytest
from click.testing import CliRunner

from rnnzoo.cli import main

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _imdb():
    from rnnzoo.datasets import DatasetNotPreparedError, open_dataset

    try:
        open_dataset("imdb_reviews")
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))


def test_sentiment_on_imdb():
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
    from training import text_data

    model = SentimentClassifier.from_preset("sentiment_imdb_en")
    data = text_data.read_split(open_dataset("imdb_reviews"), "train", "text", "label")
    training, _ = text_data.split_validation(data, 0.06, seed=0)
    words = text_data.learn_vocabulary(training.texts, 20_000, 2)
    assert words.tokens == model.preprocessor.vocabulary.tokens
