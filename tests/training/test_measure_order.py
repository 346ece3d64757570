"""Accuracy with words in order and shuffled."""

import numpy as np
from click.testing import CliRunner

from rnnzoo import SentimentClassifier
from rnnzoo.text import Tokenizer, Vocabulary
from tests.tiny_reviews import WORDS
from training.measure_order import main, measure_order, shuffle_words


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
    (found,) = measure_order(tmp_path / "mine", 10, [str(tiny_data)])
    assert found["examples"] == 10
    assert 0 <= found["shuffled"] <= 1
    arguments = [str(tmp_path / "mine"), "--data-dir", str(tiny_data)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "tiny_reviews, test, 40 texts: accuracy" in result.output
