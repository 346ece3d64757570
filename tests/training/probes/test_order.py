"""Accuracy with words in order and shuffled."""

import json

import numpy as np
from click.testing import CliRunner

from rnnzoo import SentimentClassifier
from rnnzoo.text import Tokenizer, Vocabulary
from tests.tiny_sets import WORDS
from training.measure import main
from training.probes.order import measure, shuffle_words


def test_words_stay_and_their_order_goes():
    text = b"Not bad at all, but long."
    shuffled = shuffle_words(text, np.random.default_rng(0))
    assert shuffled != text
    assert sorted(shuffled.split()) == sorted(text.split())
    assert shuffle_words(b"", np.random.default_rng(0)) == b""


def test_both_are_measured_on_what_the_card_names(tiny_data, tmp_path):
    words = Vocabulary([*WORDS[0], *WORDS[1]])
    tokenizer = Tokenizer(words)
    model = SentimentClassifier(len(words), units=2, preprocessor=tokenizer)
    dataset = {"name": "tiny_reviews", "text": "text", "label": "label"}
    entries = [{"dataset": dataset, "split": "test"}]
    metadata = {"dataset": dataset, "measured_on": entries}
    model.save_to_preset(tmp_path / "mine", metadata)
    (found,) = measure(tmp_path / "mine", [str(tiny_data)], 10)["splits"]
    assert found["examples"] == 10
    assert 0 <= found["shuffled"] <= 1
    arguments = ["order", str(tmp_path / "mine"), "--data-dir", str(tiny_data)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.output)["splits"]
    assert (found["dataset"], found["split"]) == ("tiny_reviews:1.0.0", "test")
    assert found["examples"] == 40


def test_a_probe_refuses_the_options_of_others(preset_folder):
    for words, message in (
        (["--folder", "images"], "The options of the probe order are"),
        (["--write"], "Cards have no section for order"),
    ):
        result = CliRunner().invoke(main, ["order", str(preset_folder), *words])
        assert result.exit_code != 0
        assert message in result.output
