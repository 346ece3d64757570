"""Cards: those of the published presets, and those of sets nothing is known about."""

import pytest

from training.cards.card import CARDS, UNKNOWN, find_card, make_card, write_card
from zoo_models.core.presets import PRESETS_FOLDER, read_config, read_metadata
from zoo_models.core.saving import write_json

PRESETS = sorted(path.parent for path in PRESETS_FOLDER.glob("*/metadata.json"))


def read_preset(name):
    folder = PRESETS_FOLDER / name
    return read_metadata(folder), read_config(folder)


@pytest.mark.parametrize("folder", PRESETS, ids=lambda folder: folder.name)
def test_the_card_of_a_published_preset_is_current(folder):
    metadata, config = read_preset(folder.name)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert make_card(metadata, config) == text
    card = find_card(metadata["class_name"], metadata["dataset"]["name"])
    assert metadata["examples"] == list(card.examples)


@pytest.mark.parametrize("folder", PRESETS, ids=lambda folder: folder.name)
def test_a_card_claims_nothing_of_another_data_set(folder):
    metadata, config = read_preset(folder.name)
    own = metadata["dataset"]["name"].split("/")[0]
    metadata["dataset"]["name"] = "mine/large"
    metadata["evaluations"] = []
    metadata["training"]["command"] = "python -m training"
    metadata.pop("started_from", None)
    metadata["name"] = "mine"
    card = make_card(metadata, config)
    assert "Look up what the licence of `mine/large` allows" in card
    assert own not in card.lower()


def test_a_data_set_is_known_with_and_without_its_config_and_version():
    known = CARDS["SentimentClassifier", "imdb_reviews"]
    for name in ("imdb_reviews", "imdb_reviews/plain_text", "imdb_reviews:1.0.0"):
        assert find_card("SentimentClassifier", name) is known
    from_english = find_card("Translator", "multi30k/en_fr:1.0.0")
    to_english = find_card("Translator", "multi30k/fr_en")
    assert from_english.template == to_english.template
    # A translator from French is shown no English examples.
    assert from_english.examples
    assert not to_english.examples


def test_the_card_of_a_translator_tells_what_was_mixed():
    metadata, config = read_preset("translator_multi30k_en_de")
    metadata["dataset"]["name"] = "tatoeba/en_de"
    metadata["training"]["examples"] = 194_404
    plain = make_card(metadata, config)
    assert "194,404 pairs: no English sentence" in plain
    assert "is held out. The epoch" in plain
    assert "names and numbers in" not in plain
    metadata["copying"] = {"share": 0.71, "sentences": 100}
    metadata["training"]["config"].update(
        second_dataset="multi30k/en_de",
        second_repeats=2,
        exchanged_pairs=30_000,
        unmarked_pairs=8_000,
        joined_pairs=20_000,
    )
    metadata["started_from"] = {
        "command": "python -m training.train_translator --consistency 5",
        "minutes": 8.3,
        "environment": {"device": "NVIDIA H200"},
    }
    card = make_card(metadata, config)
    for words in (
        "the train split of Multi30k is seen beside it, twice an epoch",
        "30,000 pairs once more, with other names",
        "8,000 without the mark at the end",
        "20,000 are two or three short pairs",
        "Start: the translator that the stage before it in the recipe trains: 8.3 "
        "minutes, on one NVIDIA H200 under JAX.",
        "names and numbers in 71% of 100 sentences",
        "CC BY 2.0 France",
    ):
        assert words in card
    metadata["training"]["command"] = "python -m training.train_translator"
    command = "`python -m training.train_translator --consistency 5`"
    assert f"the translator that {command} trains" in make_card(metadata, config)


def test_another_task_on_a_known_set_has_another_card():
    card = find_card("SentimentClassifier", "multi30k/en_de")
    assert card is UNKNOWN["SentimentClassifier"]
    with pytest.raises(ValueError, match="Received: 'Sorter'"):
        find_card("Sorter", "imdb_reviews")


def test_the_photographs_that_a_card_names_are_beside_it(tmp_path):
    card = CARDS["ImageCaptioner", "flickr8k"]
    card.add_pictures(tmp_path, {}, ())
    names = {path.name for path in tmp_path.iterdir()}
    assert names == set(card.examples)
    assert all(f"`{name}`" in card.read_template() for name in names)


def test_the_card_of_few_or_made_up_examples_claims_nothing_of_the_set():
    metadata, config = read_preset("translator_multi30k_en_de")
    metadata["training"]["examples"] = 290
    card = make_card(metadata, config)
    assert "290 pairs" in card
    assert "29 000" not in card
    assert "- Trained on 290 examples\n" in card
    metadata, config = read_preset("sentiment_imdb_en")
    metadata["training"]["config"]["smoke"] = True
    card = make_card(metadata, config)
    assert "Maas" not in card
    assert "film" not in card.partition("## Use")[0]


def test_the_card_has_the_warning_of_the_run():
    metadata, config = read_preset("sentiment_imdb_en")
    metadata["training"]["warning"] = "It is no better than that."
    card = make_card(metadata, config)
    assert "\n\n### Warning\n\nIt is no better than that.\n\n##" in card


def test_a_card_about_other_data_describes_them(tmp_path):
    """Not film reviews, not everyday scenes: the labels that there are."""
    metadata, config = read_preset("sentiment_imdb_en")
    metadata["dataset"]["name"] = "ag_news_subset"
    config["config"]["labels"] = ["World", "Sports", "Business"]
    write_json(tmp_path / "metadata.json", metadata)
    write_json(tmp_path / "config.json", config)
    write_card(tmp_path)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "which label a text has: *World*, *Sports* or *Business*." in card
    assert read_metadata(tmp_path)["task"] == "label of a text (many to one)"
    config["config"]["labels"] = [str(n) for n in range(100)]
    assert "100 labels, from *0* to *99*" in make_card(metadata, config)


def test_a_card_says_what_a_model_does_not_know():
    metadata, config = read_preset("image_classifier_mnist")
    metadata["confidence"] = {
        "validation_examples": 1234,
        "inputs": [
            {"name": "split test", "examples": 10_000, "marked": 0.031},
            {"name": "letters", "examples": 200, "marked": 0.9, "auroc": 0.975},
        ],
    }
    ranges = {"ink": {"typical": 0.13, "below": 0.05, "above": None}}
    config["confidence"] = {"unsure_below": 0.5, "ranges": ranges}
    metadata["pages"] = {"count": 10, "seed": 2, "accuracy": {"clean": 0.991}}
    card = make_card(metadata, config)
    assert "under 0.5 the answer is marked" in card
    assert "3 % of 1,234 validation inputs" in card
    assert "| ink | 0.13 | 0.08 | – |" in card
    assert "| split test | 10,000 | 3.1% | – |" in card
    assert "| letters | 200 | 90.0% | 0.975 |" in card
    assert "| clean | 0.991 |" in card
    assert "100 pages of each style" in card
    del config["confidence"]
    assert "### Confidence" not in make_card(metadata, config)
