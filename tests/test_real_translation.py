"""Translators on the real Multi30k: TFDS_DATA_DIR, or a usual folder, must have it."""

import json

import pytest
from click.testing import CliRunner

from rnnzoo.cli import main
from rnnzoo.datasets import DatasetNotPreparedError, open_dataset

pytestmark = pytest.mark.data


@pytest.mark.parametrize(
    ("preset", "dataset", "split", "least"),
    [
        ("translator_multi30k_en_de", "multi30k/en_de", "test_2016_flickr", 34),
        ("translator_multi30k_en_fr", "multi30k/en_fr", "test_2016_flickr", 50),
        ("translator_en_de", "multi30k/en_de", "test_2016_flickr", 34),
        ("translator_en_de", "tatoeba/en_de", "test", 36),
        ("translator_en_fr", "tatoeba/en_fr", "test", 44),
    ],
)
def test_translators_on_real_sentences(preset, dataset, split, least):
    try:
        open_dataset(dataset)
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))
    places = ["--dataset", dataset, "--split", split]
    arguments = [preset, *places, "--limit", "200", "--json"]
    result = CliRunner().invoke(main, ["evaluate", *arguments])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["dataset"] == f"{dataset}:1.0.0"
    assert (answer["split"], answer["num_examples"]) == (split, 200)
    # Below what 200 sentences gave when the presets were published.
    assert answer["metrics"]["bleu"] > least


def test_the_pieces_are_those_of_the_train_split():
    """The published vocabulary is what the script learns."""
    from rnnzoo import Translator
    from training.translator.pairs import flatten, read_pairs
    from training.translator.subwords import learn_tokenizer

    try:
        builder = open_dataset("multi30k/en_de")
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))
    translator = Translator.from_preset("translator_multi30k_en_de")
    _, targets = flatten(*read_pairs(builder, "train", ("en", "de")))
    learnt = learn_tokenizer(targets, 5_000, 128, lowercase=False).vocabulary
    known = translator.preprocessor.target.vocabulary
    assert learnt.tokens == known.tokens


@pytest.mark.parametrize(("pair", "train"), [("en_de", 132_109), ("en_fr", 113_477)])
def test_tatoeba_is_cut_by_the_english_sentence(pair, train):
    from rnnzoo.datasets.tatoeba.tatoeba_dataset_builder import normalize

    try:
        builder = open_dataset(f"tatoeba/{pair}")
    except DatasetNotPreparedError as error:
        pytest.skip(str(error))
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
