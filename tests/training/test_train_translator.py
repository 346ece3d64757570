"""The script of the translator: tiny runs, its pieces, its loss, its settings."""

import json
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest

from rnnzoo import Translator, evaluate_preset
from rnnzoo.datasets import open_dataset
from tests.tiny_tatoeba import HELD_OUT, expect_small_archive, write_archive
from training.core.losses import ConsistentCrossEntropy, SmoothedCrossEntropy
from training.core.texts import to_rows
from training.train_translator import Config, train
from training.translator.subwords import learn_tokenizer

TEXTS = [text.encode() for text in ("ab abc abd", "abc abc", "Abd é", "abc") * 3]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_any_set_of_two_texts_will_do():
    settings = {"test_split": "test", "source": "en", "target": "pt"}
    train(Config(smoke=True, dataset="ted_hrlr_translate/pt_to_en", **settings))
    preset = Path("build/smoke/train_translator/preset")
    assert isinstance(Translator.from_preset(preset).generate("A dog runs."), str)
    card = (preset / "README.md").read_text(encoding="utf-8")
    assert "from English into pt" in card
    assert "`ted_hrlr_translate/pt_to_en`" in card


def test_pieces_cut_every_word_of_the_texts():
    tokenizer = learn_tokenizer(TEXTS, 14, 9, lowercase=False)
    tokens = tokenizer.vocabulary.tokens[4:]
    assert set("▁abcdAé") <= set(tokens)
    assert "▁abc" in tokens
    assert len(tokens) <= 10
    rows = to_rows(TEXTS, partial(tokenizer, start=True))
    assert all(1 not in row and row[0] == 2 and row[-1] == 3 for row in rows)
    lower = learn_tokenizer(TEXTS, 14, 9, lowercase=True)
    assert "A" not in lower.vocabulary.tokens


def test_the_loss_is_smoothed_as_by_hand():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(2, 3, 5)).astype("float32")
    targets = np.array([[1, 2, 0], [4, 0, 0]])
    weights = np.array([[1, 1, 0], [1, 0, 0]], "float32")
    logs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    share = np.eye(5)[targets] * 0.8 + 0.2 / 5
    expected = (-(share * logs).sum(-1) * weights).sum() / 3
    loss = SmoothedCrossEntropy(0.2)(targets, scores, sample_weight=weights)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(loss), expected, rtol=1e-5)


def test_two_passes_are_pulled_together_as_by_hand():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(4, 3, 5)).astype("float32")
    targets = np.tile(np.array([[1, 2, 0], [4, 0, 0]]), (2, 1))
    weights = np.tile(np.array([[1, 1, 0], [1, 0, 0]], "float32"), (2, 1))
    logs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    p, q = logs[:2], logs[2:]
    apart = (np.exp(p) * (p - q) + np.exp(q) * (q - p)).sum(-1)
    plain = SmoothedCrossEntropy(0.2)(targets, scores, sample_weight=weights)
    expected = float(plain) + 3 / 4 * (apart * weights[:2]).sum() / 3
    loss = ConsistentCrossEntropy(3, 0.2)
    received = loss(targets, scores, sample_weight=weights)
    np.testing.assert_allclose(float(received), expected, rtol=1e-5)
    # Without dropout both passes are one.
    scores[2:] = scores[:2]
    values = [
        float(each(targets, scores, sample_weight=weights))
        for each in (loss, SmoothedCrossEntropy(0.2))
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-6)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Settings of a tiny run on a made-up set, without its folder."""
    folder = tmp_path_factory.mktemp("tatoeba")
    with pytest.MonkeyPatch.context() as patch:
        expect_small_archive(patch)
        write_archive(folder)
        open_dataset("tatoeba/en_de", [folder / "data"], folder)
        yield {
            "data_dir": (folder / "data",),
            "dataset": "tatoeba/en_de",
            "test_split": "test",
            "precision": "float32",
            "vocabulary_size": 60,
            "embedding_dim": 8,
            "encoder_units": 4,
            "units": 6,
            "max_length": 12,
            "epochs": 1,
            "min_steps": 1,
            "ema_momentum": None,
        }


@pytest.fixture(scope="module")
def run(settings, tmp_path_factory):
    """A run with all that a second set needs: its folder and its metrics."""
    folder = tmp_path_factory.mktemp("runs") / "one"
    return folder, train(
        Config(
            workdir=folder,
            second_dataset="tatoeba/en_de",
            second_test_split="validation",
            second_repeats=2,
            exchanged_pairs=5,
            unmarked_pairs=5,
            joined_pairs=5,
            consistency=1.0,
            **settings,
        )
    )


def test_a_second_set_is_learnt_beside_the_first(run, settings):
    folder, metrics = run
    assert metrics["validation"]["examples"] == 2 * HELD_OUT["validation"]
    folder = folder / "preset"
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    assert [entry["split"] for entry in metadata["measured_on"]] == [
        "test",
        "validation",
    ]
    results = evaluate_preset(folder, data_dirs=settings["data_dir"])
    sizes = [result["num_examples"] for result in results]
    assert sizes == [HELD_OUT["test"], HELD_OUT["validation"]]


def test_settings_that_make_no_sense_are_named():
    with pytest.raises(ValueError, match="'multi30k/xx_yy'"):
        train(Config(dataset="multi30k/xx_yy"))


@pytest.mark.slow
def test_a_run_starts_from_another(run, settings, tmp_path):
    folder, first = run
    preset = folder / "preset"
    settings = {**settings, "start_from": str(preset)}
    # Nothing is learnt at this rate: the weights and the pieces are those of the first.
    train(Config(workdir=tmp_path / "second", learning_rate=1e-12, **settings))
    before, after = (
        Translator.from_preset(folder)
        for folder in (preset, tmp_path / "second" / "preset")
    )
    for one, other in zip(before.get_weights(), after.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    for side in ("source", "target"):
        one, other = (getattr(m.preprocessor, side) for m in (before, after))
        assert one.vocabulary.tokens == other.vocabulary.tokens
    metadata = json.loads(
        (tmp_path / "second" / "preset" / "metadata.json").read_text(encoding="utf-8")
    )
    assert metadata["started_from"]["command"] == first["command"]
    settings["units"] = 5
    with pytest.raises(ValueError, match=r"`units` must be that of .*6. Received: 5"):
        train(Config(workdir=tmp_path / "third", **settings))
