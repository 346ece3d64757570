"""The translator: the two ways of decoding agree, and raw texts go in and out."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import Translator, TranslatorPreprocessor
from rnnzoo.samplers import BeamSampler, TopKSampler
from tests.tiny_translator import PAIRS, make_translator

SENTENCES = [*PAIRS]


@pytest.fixture(scope="module")
def translator():
    """One that has learnt nothing, but does not say the same of all sentences."""
    for seed in range(3, 20):  # backends draw differently
        keras.utils.set_random_seed(seed)
        model = make_translator()
        network = model.network()
        network.set_weights([3 * weights for weights in network.get_weights()])
        if len(set(model.generate(SENTENCES, verbose=0))) > 1:
            return model
    raise AssertionError("no seed makes it tell sentences apart")


def test_hypotheses_scores_and_attention(translator):
    best, second = translator.generate(
        "A dog runs.", num_return=2, return_scores=True, return_attention=True
    )
    assert best["translation"] == translator.generate("A dog runs.")
    assert best["translation"] != second["translation"]
    # What ended comes before what was cut off.
    ended = [hypothesis["target"][-1] == "[END]" for hypothesis in (best, second)]
    assert (ended[0], best["score"]) > (ended[1], second["score"])
    assert max(best["score"], second["score"]) <= 0
    assert best["source"] == ["▁a", "▁dog", "▁runs", ".", "[END]"]
    assert "".join(best["target"]).startswith(best["translation"].replace(" ", "▁"), 1)
    assert best["attention"].shape == (len(best["target"]), 5)
    np.testing.assert_allclose(best["attention"].sum(axis=1), 1, atol=1e-5)
    tokens = translator.preprocessor.target.vocabulary.tokens
    target_ids = [2, *(tokens.index(piece) for piece in best["target"][:-1])]
    ids = {
        "source_ids": translator.preprocessor(["A dog runs."]),
        "target_ids": np.array([target_ids], "int32"),
    }
    outputs = translator.get_layer("attention_2").output[1]
    whole = keras.Model(translator.inputs, outputs)([np.array(x) for x in ids.values()])
    np.testing.assert_allclose(
        best["attention"], ops.convert_to_numpy(whole)[0], atol=1e-5
    )


def test_odd_texts(translator):
    texts = ["", " \n\t ", "🐕 日本", "a\nred\r\ndog", b"A dog runs."]
    answers = translator.generate(texts)
    assert answers[:3] == ["", "", ""]
    assert answers[3:] == translator.generate(["a red dog", "A DOG runs."])
    unknown = ["dog " * 500, "🐕🐈", "日本語の文", "x" * 3000, b"\xff"]
    for answer in translator.generate(unknown, max_length=7):
        assert "[UNK]" not in answer


def test_emoji_at_the_end_stay(translator):
    pair = translator.preprocessor
    model = make_translator()
    model.set_weights(translator.get_weights())
    model.preprocessor = TranslatorPreprocessor(
        pair.source, pair.target, splits_sentences=True
    )
    plain, emoji = "A dog runs. The cat!", " 🙂 🎉"
    expected = model.generate(plain)
    texts = [plain + emoji, "A dog 🙂 runs. The cat!", emoji, "The cat! 🎉"]
    received = model.generate(texts, verbose=0)
    assert received == [
        expected + emoji,
        expected,
        emoji.strip(),
        (model.generate("The cat!") + " 🎉").strip(),
    ]
    if keras.backend.backend() != "tensorflow":
        return  # the graph of a SavedModel is TensorFlow's
    graph = model.answer(keras.ops.convert_to_tensor(texts))
    assert [text.decode() for text in graph["translation"].numpy()] == received


def test_samplers_by_name_and_object(translator):
    try:
        translator.compile(sampler="greedy")
        assert isinstance(translator.generate(SENTENCES[0]), str)
        with pytest.raises(ValueError, match="num_return=2"):
            translator.generate(SENTENCES[0], num_return=2)
        translator.compile(sampler=TopKSampler(3, temperature=9.0, seed=2))
        draws = translator.generate(SENTENCES[0], num_return=6, max_length=4)
        assert len(draws) == 6
        assert len(set(draws)) > 1
        with pytest.raises(ValueError, match="Received: 'best'"):
            translator.compile(sampler="best")
    finally:
        translator.compile(sampler=BeamSampler())


def test_bad_pairs_are_named():
    import tensorflow as tf

    model = make_translator()
    for wrong in (({"a": ["b"]}, ["c"]), ([1], ["c"]), (["b"], [1])):
        dataset = tf.data.Dataset.from_tensor_slices(wrong)
        with pytest.raises(ValueError, match=r"must give \(text, translation\)"):
            model.fit(dataset, verbose=0)
    with pytest.raises(TypeError, match=r"y\[0\] is of type int"):
        model.fit(["a"], [3])
    with pytest.raises(TypeError, match="Received: str"):
        model.fit(["a"], "b")
    with pytest.raises(ValueError, match="have the sizes of the model"):
        Translator(9, 9, preprocessor=model.preprocessor)
