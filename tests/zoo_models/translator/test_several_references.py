"""Sentences with several translations: all are references, each is learnt."""

from rnnzoo import evaluate_preset
from rnnzoo.datasets import find_pair, open_dataset
from tests.tiny_tatoeba import HELD_OUT, expect_small_archive, write_archive
from tests.tiny_translator import make_translator
from training.translator.pairs import flatten, read_pairs


def test_a_translator_is_measured_on_all_references(tmp_path, monkeypatch):
    expect_small_archive(monkeypatch)
    write_archive(tmp_path)
    builder = open_dataset("tatoeba/en_de", [tmp_path / "data"], tmp_path)
    assert find_pair(builder) == ("en", "de")
    sources, targets = read_pairs(builder, "test", ("en", "de"))
    assert len(sources) == len(targets) == HELD_OUT["test"]
    flat = flatten(sources, targets)
    assert len(flat[0]) == len(flat[1]) == sum(map(len, targets)) > len(sources)
    model = make_translator()
    model.save_to_preset(tmp_path / "mine", {"dataset": {"name": "tatoeba/en_de"}})

    def generate(self, inputs, **_):
        assert list(inputs) == sources
        return [some[-1].decode() for some in targets]

    monkeypatch.setattr(type(model), "generate", generate)
    (result,) = evaluate_preset(tmp_path / "mine", data_dirs=[tmp_path / "data"])
    assert (result["dataset"], result["split"]) == ("tatoeba/en_de:1.0.0", "test")
    assert result["num_examples"] == HELD_OUT["test"]
    assert result["metrics"]["bleu"] > 99.9
    assert "nrefs:" in result["metrics"]["sacrebleu_signature"]


def test_metadata_may_name_several_sets_and_metrics(tmp_path, monkeypatch):
    expect_small_archive(monkeypatch)
    write_archive(tmp_path)
    open_dataset("tatoeba/en_de", [tmp_path / "data"], tmp_path)
    open_dataset("tatoeba/de_en", [tmp_path / "data"], tmp_path)
    measured_on = [
        {"dataset": {"name": "tatoeba/en_de"}, "metrics": ["sacrebleu"]},
        {"dataset": {"name": "tatoeba/de_en"}, "split": "validation"},
    ]
    make_translator().save_to_preset(tmp_path / "mine", {"measured_on": measured_on})
    first, second = evaluate_preset(tmp_path / "mine", data_dirs=[tmp_path / "data"])
    assert list(first["metrics"]) == ["sacrebleu"]
    assert (first["dataset"], first["split"]) == ("tatoeba/en_de:1.0.0", "test")
    assert set(second["metrics"]) == {"bleu", "sacrebleu", "sacrebleu_signature"}
    assert (second["dataset"], second["split"]) == ("tatoeba/de_en:1.0.0", "validation")
    (one,) = evaluate_preset(
        tmp_path / "mine", "train", data_dirs=[tmp_path / "data"], limit=2
    )
    assert (one["split"], one["num_examples"]) == ("train", 2)
