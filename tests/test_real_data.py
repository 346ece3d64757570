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
        return open_dataset(dataset)
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))


# Below the published metrics: by four standard errors on 400 examples, or what 200
# sentences gave.
EVALUATIONS = [
    ("image_classifier_mnist", "mnist:3.0.1", "test", 400, 0.97),
    ("image_classifier_mnist_rows", "mnist:3.0.1", "test", 400, 0.97),
    ("image_classifier_fashion_mnist_rows", "fashion_mnist:3.0.1", "test", 400, 0.84),
    ("sentiment_imdb_en", "imdb_reviews:1.0.0", "test", 400, 0.84),
    *(
        (f"translator_{name}", f"{dataset}:1.0.0", split, 200, least)
        for name, dataset, split, least in (
            ("multi30k_en_de", "multi30k/en_de", "test_2016_flickr", 34),
            ("multi30k_en_fr", "multi30k/en_fr", "test_2016_flickr", 50),
            ("en_de", "multi30k/en_de", "test_2016_flickr", 34),
            ("en_de", "tatoeba/en_de", "test", 36),
            ("en_fr", "tatoeba/en_fr", "test", 44),
        )
    ),
]


@pytest.mark.parametrize(("preset", "dataset", "split", "limit", "least"), EVALUATIONS)
def test_a_preset_on_real_examples(preset, dataset, split, limit, least):
    name = dataset.split(":")[0]
    need(name)
    places = ["--dataset", name, "--split", split]
    arguments = ["evaluate", preset, *places, "--limit", str(limit), "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["preset"], answer["dataset"]) == (preset, dataset)
    assert (answer["split"], answer["num_examples"]) == (split, limit)
    metric = "bleu" if preset.startswith("translator") else "accuracy"
    assert answer["metrics"][metric] > least


def test_digits_of_mnist_are_where_ink_is_put():
    """Preparing what MNIST's makers prepared takes out the slant and no more."""
    from rnnzoo.images import ink

    same = []
    for example in need("mnist").as_dataset(split="test[:200]"):
        image = example["image"].numpy() / np.float32(255)
        prepared = ink.center_ink(image, 28, 28).numpy()
        same.append(np.abs(prepared - ink.deslant(image)).max() < 0.02)
    assert np.mean(same) > 0.6


def test_the_vocabulary_counts_imdb_as_published():
    """The words of the presets are what the language model's script learns."""
    from rnnzoo import LanguageModel, SentimentClassifier
    from training.core.texts import learn_vocabulary, read_texts

    builder = need("imdb_reviews")
    model = LanguageModel.from_preset("language_model_imdb_en")
    data = read_texts(builder, "train+unsupervised", "text")
    order = np.random.default_rng(0).permutation(len(data))
    vocabulary = learn_vocabulary([data[i] for i in order[500:]], 20_000, 2)
    # Clitics that are set apart, such as "do n't", were joined since it was learnt.
    words = model.preprocessor.vocabulary.tokens
    assert len(set(words) & set(vocabulary.tokens)) > 0.995 * len(words)
    for name in ("sentiment_en", "sentiment_imdb_en"):
        classifier = SentimentClassifier.from_preset(name)
        assert classifier.preprocessor.vocabulary.tokens == words


def test_flickr8k_is_as_published():
    from rnnzoo.datasets import find_captions

    builder = need("flickr8k")
    sizes = {name: split.num_examples for name, split in builder.info.splits.items()}
    assert sizes == {"train": 6_000, "validation": 1_000, "test": 1_000}
    example = next(iter(builder.as_dataset(split="test")))
    assert example["file_name"] == b"3385593926_d3e9c21170.jpg"
    image, captions = find_captions(builder).read(example)
    assert image.shape[2] == 3
    assert captions.numpy()[0] == b"The dogs are in the snow in front of a fence ."


def test_the_pieces_are_those_of_the_train_split():
    """The published vocabulary is what the script learns."""
    from rnnzoo import Translator
    from training.translator.pairs import flatten, read_pairs
    from training.translator.subwords import learn_tokenizer

    builder = need("multi30k/en_de")
    translator = Translator.from_preset("translator_multi30k_en_de")
    _, targets = flatten(*read_pairs(builder, "train", ("en", "de")))
    learnt = learn_tokenizer(targets, 5_000, 128, lowercase=False).vocabulary
    known = translator.preprocessor.target.vocabulary
    assert learnt.tokens == known.tokens


@pytest.mark.parametrize(("pair", "train"), [("en_de", 132_109), ("en_fr", 113_477)])
def test_tatoeba_is_cut_by_the_english_sentence(pair, train):
    from rnnzoo.datasets.tatoeba.tatoeba_dataset_builder import normalize

    builder = need(f"tatoeba/{pair}")
    sizes = {name: split.num_examples for name, split in builder.info.splits.items()}
    assert (sizes["validation"], sizes["test"]) == (1_000, 2_000)
    # Newer archives have more.
    assert sizes["train"] >= train
    keys = {
        name: {
            normalize(example["en"].decode())
            for example in builder.as_dataset(split=name).as_numpy_iterator()
        }
        for name in sizes
    }
    assert not keys["train"] & keys["test"]
    assert not keys["train"] & keys["validation"]
    assert not keys["validation"] & keys["test"]


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
