"""The metrics of presets on real data, from their ONNX files alone."""

import pytest

from rnnzoo import ZooModel, evaluate_preset
from rnnzoo.datasets import DatasetNotPreparedError, open_dataset
from rnnzoo.onnx import Runner

pytestmark = pytest.mark.data


@pytest.mark.parametrize(
    ("preset", "dataset", "split"),
    [
        ("image_classifier_fashion_mnist_rows", "fashion_mnist", "test"),
        ("image_classifier_mnist", "mnist", "test"),
        ("image_classifier_mnist_rows", "mnist", "test"),
        ("sentiment_en", "imdb_reviews", "test"),
        ("sentiment_imdb_en", "imdb_reviews", "test"),
        ("language_model_imdb_en", "imdb_reviews", "test"),
        ("translator_en_de", "tatoeba/en_de", "test"),
        ("translator_en_fr", "tatoeba/en_fr", "test"),
        ("translator_multi30k_en_de", "multi30k/en_de", "test_2016_flickr"),
        ("translator_multi30k_en_fr", "multi30k/en_fr", "test_2016_flickr"),
        ("captioner_flickr8k_en", "flickr8k", "test"),
    ],
)
def test_the_runner_scores_as_the_preset_does(preset, dataset, split, tmp_path):
    try:
        open_dataset(dataset)
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))
    model = ZooModel.from_preset(preset)
    runner = Runner(model.export(tmp_path, format="onnx"))
    settings = {"limit": 200, "split": split}
    (expected,) = evaluate_preset(preset, model=model, **settings)
    model.classify = lambda inputs, top=None, **_: runner.classify(inputs, top)
    model.generate = lambda inputs, **_: runner.generate(inputs)
    model.score = lambda inputs, **_: runner.score(inputs)
    (received,) = evaluate_preset(preset, model=model, **settings)
    assert expected.pop("metrics") == pytest.approx(received.pop("metrics"), abs=1e-3)
    assert expected == received
