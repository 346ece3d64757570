"""Cards: those of the published presets, and those of sets nothing is known about."""

import copy

import pytest

from training.cards.card import CARDS, UNKNOWN, find_card, make_card
from zoo_models.core.presets import PRESETS_FOLDER, read_config, read_metadata

PRESETS = sorted(path.parent for path in PRESETS_FOLDER.glob("*/metadata.json"))


@pytest.mark.parametrize("folder", PRESETS, ids=lambda folder: folder.name)
def test_the_card_of_a_published_preset_is_current(folder):
    card = make_card(read_metadata(folder), read_config(folder))
    assert (folder / "README.md").read_text(encoding="utf-8") == card


@pytest.mark.parametrize("folder", PRESETS, ids=lambda folder: folder.name)
def test_the_examples_are_those_of_the_data_set(folder):
    metadata = read_metadata(folder)
    card = find_card(metadata["class_name"], metadata["dataset"]["name"])
    assert metadata["examples"] == list(card.examples)


@pytest.mark.parametrize("folder", PRESETS, ids=lambda folder: folder.name)
def test_a_card_claims_nothing_of_another_data_set(folder):
    metadata = copy.deepcopy(read_metadata(folder))
    own = metadata["dataset"]["name"].split("/")[0]
    metadata["dataset"]["name"] = "mine/large"
    metadata["evaluations"] = []
    metadata["training"]["command"] = "python -m training"
    metadata["name"] = "mine"
    card = make_card(metadata, read_config(folder))
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
