"""What needs the real data sets: TFDS_DATA_DIR, or a usual folder, must have them."""

import json
import re

import numpy as np
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


def test_clothes_of_fashion_mnist():
    need("fashion_mnist")
    arguments = ["evaluate", "image_classifier_fashion_mnist_rows", "--limit", "400"]
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["dataset"] == "fashion_mnist:3.0.1"
    # 0.90 on all of them; four standard errors below that on 400.
    assert answer["metrics"]["accuracy"] > 0.84


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
    """The words of the presets are what the language model's script learns."""
    from rnnzoo import LanguageModel, SentimentClassifier
    from rnnzoo.datasets import open_dataset
    from training.language_model import texts

    need("imdb_reviews")
    model = LanguageModel.from_preset("language_model_imdb_en")
    data = texts.read_splits(open_dataset("imdb_reviews"), "train+unsupervised", "text")
    order = np.random.default_rng(0).permutation(len(data))
    vocabulary, _ = texts.learn_vocabulary([data[i] for i in order[500:]], 20_000, 2)
    # Clitics that are set apart, such as "do n't", were joined since it was learnt.
    words = model.preprocessor.vocabulary.tokens
    assert len(set(words) & set(vocabulary.tokens)) > 0.995 * len(words)
    for name in ("sentiment_en", "sentiment_imdb_en"):
        classifier = SentimentClassifier.from_preset(name)
        assert classifier.preprocessor.vocabulary.tokens == words


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


@pytest.mark.slow
def test_the_readme_makes_a_model_better(tmp_path, monkeypatch, capsys):
    import keras

    from tests.test_docs import PAGES, ROOT

    need("glue/sst2")
    monkeypatch.chdir(tmp_path)
    blocks = dict(PAGES)[ROOT / "README.md"]
    (code,) = [code for code in blocks if "sst2" in code]
    keras.utils.set_random_seed(1)
    exec(compile(code, "example", "exec"), {"__name__": "__example__"})
    printed = re.search(
        r"accuracy (0.\d+) before, (0.\d+) after", capsys.readouterr().out
    )
    before, after = map(float, printed.groups())
    assert after > before + 0.01
    stated = re.search(
        r"`accuracy (0.\d+) before, (0.\d+) after`", (ROOT / "README.md").read_text()
    )
    assert before == pytest.approx(float(stated[1]), abs=0.01)
    assert after == pytest.approx(float(stated[2]), abs=0.025)
