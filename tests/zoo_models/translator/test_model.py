"""The translator: the two ways of decoding agree, and raw texts go in and out."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import Translator, TranslatorPreprocessor, ZooModel
from rnnzoo.samplers import BeamSampler, TopKSampler
from tests.tiny_translator import PAIRS, make_translator

SENTENCES = [*PAIRS]
on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a SavedModel needs TensorFlow"
)


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


@pytest.mark.slow
@pytest.mark.compiled
def test_it_learns_pairs_by_heart():
    keras.utils.set_random_seed(1)
    sizes = {"embedding_dim": 16, "units": 32, "encoder_units": 16}
    model = make_translator(**sizes, dropout=0.0, word_dropout=0.0)
    model.compile(keras.optimizers.Adam(0.01, global_clipnorm=1.0))
    targets = [*PAIRS.values()] * 8
    model.fit(SENTENCES * 8, targets, batch_size=8, epochs=60, verbose=0)
    assert model.generate(SENTENCES, verbose=0) == [*PAIRS.values()]
    assert model.generate(SENTENCES[0]) == PAIRS[SENTENCES[0]]
    _, accuracy = model.evaluate(SENTENCES, [*PAIRS.values()], verbose=0)
    assert accuracy == 1.0


def test_steps_give_what_the_network_gives(translator):
    """The scores of decoding one by one are those of all steps at once."""
    (inputs, expected, weights) = next(
        iter(translator.to_dataset((SENTENCES, [*PAIRS.values()]), 4))
    )
    at_once = ops.convert_to_numpy(translator.network()(inputs))
    decoder = translator.attention_decoder
    source_ids = ops.convert_to_tensor(inputs["source_ids"].numpy())
    fixed, states = decoder.start(*translator.encode_inputs(source_ids))
    for t, ids in enumerate(inputs["target_ids"].numpy().T):
        scores, states = decoder.step(fixed, ops.convert_to_tensor(ids), states)
        rows = weights.numpy()[:, t] > 0
        np.testing.assert_allclose(
            ops.convert_to_numpy(scores)[rows], at_once[rows, t], atol=1e-4
        )
    assert expected.shape == weights.shape


def test_a_sentence_does_not_depend_on_the_batch(translator):
    together = translator.generate(SENTENCES, return_scores=True, verbose=0)
    for sentence, answer in zip(SENTENCES, together, strict=True):
        alone = translator.generate(sentence, return_scores=True)
        assert alone["translation"] == answer["translation"]
        assert alone["score"] == pytest.approx(answer["score"], abs=1e-4)


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


@pytest.mark.parametrize(
    "text", ["dog " * 500, "🐕🐈", "日本語の文", "x" * 3000, b"\xff"]
)
def test_texts_that_it_cannot_know_end(translator, text):
    answer = translator.generate(text, max_length=7)
    assert isinstance(answer, str)
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


@pytest.mark.slow
def test_datasets_of_pairs():
    import tensorflow as tf

    model = make_translator()
    model.compile(run_eagerly=True)
    dataset = tf.data.Dataset.from_tensor_slices((SENTENCES, [*PAIRS.values()]))
    history = model.fit(dataset.batch(2), validation_data=dataset, verbose=0).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert len(model.generate(dataset, max_length=3)) == 4
    weighted = model.evaluate(
        SENTENCES,
        [*PAIRS.values()],
        sample_weight=[1, 0, 0, 0],
        return_dict=True,
        verbose=0,
    )
    alone = model.evaluate(
        SENTENCES[:1], [PAIRS[SENTENCES[0]]], return_dict=True, verbose=0
    )
    assert weighted["loss"] == pytest.approx(alone["loss"], rel=1e-4)


def test_bad_input_is_named():
    import tensorflow as tf

    model = make_translator()
    for wrong in (({"a": ["b"]}, ["c"]), ([1], ["c"]), (["b"], [1])):
        dataset = tf.data.Dataset.from_tensor_slices(wrong)
        with pytest.raises(ValueError, match=r"must give \(text, translation\)"):
            model.fit(dataset, verbose=0)
    for call, error, message in (
        (lambda: model.fit(["a"], [3], verbose=0), TypeError, r"y\[0\] is of type int"),
        (lambda: model.fit(["a"], ["b", "c"]), ValueError, r"lengths: \[1, 2\]"),
        (lambda: model.fit(["a"], "b"), TypeError, "Received: str"),
        (lambda: model.fit(["a"]), ValueError, "needs labels"),
        (lambda: model.generate(["a", 3]), TypeError, r"inputs\[1\] is of type int"),
        (lambda: model.generate("a", max_length=0), ValueError, "max_length=0"),
        (lambda: model.generate("a", num_return=9), ValueError, "at most 5"),
        (lambda: model.predict(["a"]), TypeError, "`generate`"),
        (lambda: Translator(9, 9, preprocessor=model.preprocessor), ValueError, "9, 9"),
    ):
        with pytest.raises(error, match=message):
            call()


def test_arrays_without_a_preprocessor(translator):
    bare = make_translator(preprocessor=None)
    bare.network().set_weights(translator.network().get_weights())
    tokenizer = translator.preprocessor
    answers = bare.generate(tokenizer(SENTENCES).numpy(), max_length=10, verbose=0)
    texts = tokenizer.target.detokenize(np.stack(answers)).numpy()
    assert [text.decode() for text in texts] == translator.generate(SENTENCES)


def test_a_preset_comes_back(translator, tmp_path):
    translator.save_to_preset(tmp_path / "mine")
    again = ZooModel.from_preset(tmp_path / "mine")
    assert isinstance(again, Translator)
    assert again.get_config() == {**translator.get_config(), "name": again.name}
    assert again.generate(SENTENCES) == translator.generate(SENTENCES)
    names = {path.name for path in (tmp_path / "mine").iterdir()}
    assert {"vocabulary_source.txt", "vocabulary_target.txt"} <= names


def test_a_keras_file_holds_the_network(translator, tmp_path):
    with pytest.warns(UserWarning, match="not the preprocessor"):
        translator.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    ids = translator.preprocessor(SENTENCES).numpy()
    assert again.generate(ids, max_length=4)[0].shape == (4,)


@pytest.mark.slow
@on_tensorflow
def test_a_random_sampler_is_exported_with_its_seed(tmp_path):
    import tensorflow as tf

    model = make_translator()
    model.compile(sampler="top_p")
    folder = model.export(tmp_path, name="tiny")
    answer = tf.saved_model.load(str(folder)).signatures["serving_default"]
    texts = {
        answer(text=tf.constant(["a"]))["translation"].numpy()[0] for _ in range(5)
    }
    assert len(texts) > 1
