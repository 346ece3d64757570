"""What a calibration is fitted on besides reviews."""

from types import SimpleNamespace

from training.sentiment_classifier import foreign
from training.sentiment_classifier.sentences import split_by_sentence

TEXTS = [f"a fine film number {i} of many".encode() for i in range(20)]


def test_sentences_that_a_run_held_out_are_of_the_domain(monkeypatch):
    examples = SimpleNamespace(
        as_numpy_iterator=lambda: iter([{"sentence": text} for text in TEXTS])
    )
    builder = SimpleNamespace(as_dataset=lambda split: examples)
    asked = []
    monkeypatch.setattr(
        foreign, "open_dataset", lambda name, dirs: asked.append(name) or builder
    )
    recipe = {
        "second_dataset": "pairs/of",
        "second_text": "sentence",
        "validation_fraction": 0.25,
    }
    received = foreign.read_second_validation(recipe, ["here"])
    kept, _ = split_by_sentence(TEXTS, 0.25, seed=0)
    assert asked == ["pairs/of"]
    assert len(received) == 5
    assert not {TEXTS[i] for i in kept} & set(received)
    assert foreign.read_second_validation({"second_dataset": ""}, []) == []
    assert foreign.read_second_validation({}, []) == []
