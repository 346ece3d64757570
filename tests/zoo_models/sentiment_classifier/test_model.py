"""The classifier on tiny weights: answers, training, states, what it refuses."""

import inspect
import threading

import keras
import numpy as np
import pytest

from rnnzoo import SentimentClassifier
from rnnzoo.text import Tokenizer, Vocabulary
from tests.conftest import make_classifier

TEXTS = ["a good film", "", "dull", "the film is bad " * 9]


def test_one_text_gives_one_answer(classifier):
    answer = classifier.classify("a good film")
    assert set(answer) == {"label", "score", "confidence"}
    assert answer["label"] in ("negative", "positive")
    assert 0.5 <= answer["score"] <= 1.0


def test_a_list_gives_a_list_in_its_order(classifier):
    answers = classifier.classify(TEXTS, batch_size=2)
    assert len(answers) == len(TEXTS)
    for text, answer in zip(TEXTS, answers, strict=True):
        alone = classifier.classify(text)
        assert answer["label"] == alone["label"]
        assert answer["score"] == pytest.approx(alone["score"], abs=1e-6)


def test_an_empty_list_gives_an_empty_list(classifier):
    assert classifier.classify([]) == []


def test_top_gives_the_best_labels_first(classifier):
    (answer,) = classifier.classify(["a good film"], top=2)
    assert {a["label"] for a in answer} == {"negative", "positive"}
    assert answer[0]["score"] >= answer[1]["score"]
    assert sum(a["score"] for a in answer) == pytest.approx(1.0, abs=1e-6)


def test_answers_are_those_of_predict(classifier):
    probabilities = classifier.predict(TEXTS, verbose=0)
    decoded = classifier.decode_predictions(probabilities, top=1)
    for (best,), answer in zip(decoded, classifier.classify(TEXTS), strict=True):
        assert best["label"] == answer["label"]
        assert best["score"] == pytest.approx(answer["score"], abs=1e-6)


def test_arrays_without_a_preprocessor(classifier):
    answers = classifier.classify(TEXTS)
    token_ids = keras.ops.convert_to_numpy(classifier.preprocessor(TEXTS))
    classifier.preprocessor = None
    for ours, theirs in zip(classifier.classify(token_ids), answers, strict=True):
        assert ours["score"] == pytest.approx(theirs["score"], abs=1e-6)
    assert classifier.classify(token_ids[0]) == classifier.classify(token_ids[:1])[0]


def test_a_dataset_of_raw_examples(classifier):
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, [0, 1, 0, 1]))
    answers = classifier.classify(TEXTS)
    assert classifier.classify(dataset) == answers
    assert classifier.classify(dataset.batch(3)) == answers
    assert classifier.classify(dataset.map(lambda text, _: text).batch(3)) == answers


def test_weights_are_read_anew_after_training(classifier):
    before = classifier.classify("good")
    classifier.set_weights([w + 0.3 for w in classifier.get_weights()])
    assert classifier.classify("good") != before


def test_threads_get_the_same_answers(classifier):
    expected = [classifier.classify(text) for text in TEXTS]
    fresh = make_classifier()
    fresh.set_weights(classifier.get_weights())
    received = {}

    def work(i):
        received[i] = [fresh.classify(text) for text in TEXTS]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [received[i] for i in range(4)] == [expected] * 4


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "ein schöner Film 好きな映画 مرحبا",
        b"\xff\xfe\x00 caf\xe9",
        "\ud800",
        "\x00\n\t",
        "!" * 5000,
        "x" * 100_000,
    ],
    ids=["1 MB", "scripts", "bytes", "surrogate", "controls", "marks", "one word"],
)
def test_odd_texts_get_an_answer(classifier, text):
    assert 0.5 <= classifier.classify(text)["score"] <= 1.0


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (7, "one input, a list or array of them.*Received: int"),
        (["a", 7], r"Received: inputs\[1\] is of type int"),
        (["a", None], r"Received: inputs\[1\] is of type NoneType"),
    ],
)
def test_wrong_inputs_are_named(classifier, inputs, message):
    with pytest.raises(TypeError, match=message):
        classifier.classify(inputs)


def test_wrong_calls_are_named(classifier):
    with pytest.raises(ValueError, match="Received: top=0"):
        classifier.classify("a", top=0)
    with pytest.raises(TypeError, match="Received: str"):
        classifier.predict("a good film")
    with pytest.raises(TypeError, match=r"Received: x\[1\] is of type int"):
        classifier.fit(["a", 3], [0, 1])
    with pytest.raises(ValueError, match="needs labels"):
        classifier.fit(["a"])
    for inputs in ("a", ["a"]):
        with pytest.raises(ValueError, match="Received: batch_size=0"):
            classifier.classify(inputs, batch_size=0)
    with pytest.raises(ValueError, match="Received: top=0"):
        classifier.decode_predictions([[0.5, 0.5]], top=0)
    with pytest.raises(ValueError, match=r"\(batch, 2\). Received: shape \(1, 3\)"):
        classifier.decode_predictions([[0.1, 0.2, 0.7]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": ["one"]}, "two or more. Received: .'one'"),
        ({"labels": ["a", "a"]}, "different names"),
        ({"labels": "ab"}, "different names of classes. Received: 'ab'"),
        ({"units": 0}, "Received: units=0"),
        ({"vocabulary_size": 3}, "vocabulary, 11. Received: 3"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_classifier(**arguments)


@pytest.mark.compiled
def test_learns_from_lists(classifier):
    texts, labels = ["a good film", "a bad film"] * 40, [1, 0] * 40
    classifier.compile(keras.optimizers.Adam(0.03))
    history = classifier.fit(texts, labels, 8, epochs=6, verbose=0)
    assert history.history["loss"][-1] < 0.7 * history.history["loss"][0]
    loss, accuracy = classifier.evaluate(texts, labels, verbose=0)
    assert accuracy == 1.0
    assert loss < 0.3
    assert classifier.classify("good")["label"] == "positive"


def test_fit_takes_what_tfds_gives(classifier):
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, [0, 1, 0, 1]))
    batched = dataset.batch(2)
    history = classifier.fit(batched, validation_data=batched, epochs=2, verbose=0)
    assert set(history.history) == {"accuracy", "loss", "val_accuracy", "val_loss"}
    assert classifier.evaluate(dataset, verbose=0) == pytest.approx(
        classifier.evaluate(batched, verbose=0), abs=1e-6
    )


def test_a_dataset_of_inputs_alone_is_predicted(classifier):
    import tensorflow as tf

    expected = classifier.predict(TEXTS, verbose=0)
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS,))
    np.testing.assert_allclose(
        classifier.predict(dataset, verbose=0), expected, atol=1e-6
    )


def test_labels_may_be_names(classifier):
    import tensorflow as tf

    names = ["negative", "positive", "negative", "positive"]
    expected = classifier.evaluate(TEXTS, [0, 1, 0, 1], verbose=0)
    assert classifier.evaluate(TEXTS, names, verbose=0) == pytest.approx(expected)
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, names))
    for examples in (dataset, dataset.batch(3)):
        received = classifier.evaluate(examples, verbose=0)
        assert received == pytest.approx(expected, abs=1e-6)
    classifier.fit(TEXTS, names, validation_data=dataset, verbose=0)
    wrong = tf.data.Dataset.from_tensor_slices((TEXTS[:1], ["good"]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="must be names of"):
        classifier.evaluate(wrong, verbose=0)


def test_sample_weight_counts(classifier):
    texts, labels = ["good", "bad"], [1, 0]
    weighted = classifier.evaluate(texts, labels, sample_weight=[1.0, 0.0], verbose=0)
    alone = classifier.evaluate(texts[:1], labels[:1], verbose=0)
    # Keras divides the weighted sum by the number of examples.
    assert 2 * weighted[0] == pytest.approx(alone[0], abs=1e-5)


def test_validation_split_takes_the_end(classifier):
    texts, labels = ["good", "bad", "dull", "fine"], [1, 0, 0, 1]
    classifier.compile(keras.optimizers.SGD(0.0))
    history = classifier.fit(texts, labels, validation_split=0.25, verbose=0)
    loss, _ = classifier.evaluate(texts[3:], labels[3:], verbose=0)
    assert history.history["val_loss"][0] == pytest.approx(loss, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": ["a", "b"], "y": [0]}, r"Received lengths: \[2, 1\]"),
        ({"x": ["a"], "y": [2]}, "from 0 to 1.*Received: 2"),
        (
            {"x": ["a"], "y": ["good"]},
            r"names of \['negative', 'positive'\]. Received: 'good'",
        ),
        ({"x": ["a"], "y": [0], "validation_split": 0.5}, "Received: 0.5 of 1"),
    ],
)
def test_wrong_training_data_are_named(classifier, arguments, message):
    with pytest.raises(ValueError, match=message):
        classifier.fit(**arguments, verbose=0)


def test_wrong_datasets_are_named(classifier):
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices({"text": TEXTS})
    with pytest.raises(ValueError, match=r"must give \(input, label\)"):
        classifier.fit(dataset)
    with pytest.raises(ValueError, match="must give inputs, or tuples"):
        classifier.classify(dataset)
    pairs = tf.data.Dataset.from_tensor_slices((TEXTS, [0, 1, 0, 1]))
    with pytest.raises(ValueError, match="must hold the labels"):
        classifier.fit(pairs, [0, 1, 0, 1])
    with pytest.raises(ValueError, match="needs lists or arrays"):
        classifier.fit(pairs, validation_split=0.5)


def test_padding_changes_nothing(classifier):
    token_ids = np.array([[5, 9, 3]], "int32")
    padded = np.pad(token_ids, [(0, 0), (0, 6)])
    classifier.preprocessor = None
    np.testing.assert_allclose(
        classifier.predict(padded, verbose=0),
        classifier.predict(token_ids, verbose=0),
        atol=1e-6,
    )


def test_encode_gives_the_states(classifier):
    states = classifier.encode(TEXTS, return_states=True)
    assert [s.shape for s in states] == [(4, 6), (1, 6), (2, 6), (9, 6)]
    features = classifier.encode(TEXTS)
    for row, steps in zip(features, states, strict=True):
        expected = np.concatenate([steps.max(axis=0), steps.mean(axis=0)])
        np.testing.assert_allclose(row, expected, atol=1e-6)
    assert classifier.encode("a film").shape == (12,)


def test_the_only_cell_is_the_elman_cell(classifier):
    from rnnzoo.layers import Elman

    wrapper = classifier.get_layer("states")
    assert type(wrapper.forward_layer) is Elman
    assert type(wrapper.backward_layer) is Elman
    layers = wrapper.forward_layer, wrapper.backward_layer
    assert classifier.cells() == [layer.cell for layer in layers]


def test_every_path_passes_a_state(classifier):
    """With states that cannot move, no text makes a difference."""
    for layer in (
        classifier.get_layer("states").forward_layer,
        classifier.get_layer("states").backward_layer,
    ):
        layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    scores = {answer["score"] for answer in classifier.classify(TEXTS)}
    assert len(scores) == 1


def test_every_argument_survives_get_config_and_is_documented():
    arguments = {
        "vocabulary_size": 11,
        "labels": ["x", "y", "z"],
        "embedding_dim": 5,
        "units": 4,
        "word_dropout": 0.1,
        "embedding_dropout": 0.2,
        "dropout": 0.25,
        "temperature": 1.5,
    }
    names = list(inspect.signature(SentimentClassifier).parameters)[:-1]
    assert names == [*arguments, "preprocessor"]
    config = SentimentClassifier(**arguments, name="named").get_config()
    assert config == {"name": "named", **arguments}
    assert SentimentClassifier.from_config(config).get_config() == config
    for name in names:
        assert f"\n        {name}: " in SentimentClassifier.__doc__, name


def test_number_of_classes_follows_the_labels():
    model = make_classifier(labels=["one", "two", "three"])
    assert len(model.classify("a film", top=3)) == 3
    model.fit(["good", "bad", "film"], [0, 1, 2], verbose=0)


def test_keras_file_round_trip(classifier, tmp_path):
    with pytest.warns(UserWarning, match="not the preprocessor.*save_to_preset"):
        classifier.save(tmp_path / "model.keras")
    classifier.preprocessor = None
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="takes arrays, not texts"):
        loaded.classify("a film")
    token_ids = np.array([[5, 9, 3]], "int32")
    np.testing.assert_allclose(
        loaded.predict(token_ids, verbose=0),
        classifier.predict(token_ids, verbose=0),
        atol=1e-6,
    )


def test_words_outside_the_vocabulary_are_alike(classifier):
    assert classifier.classify("zzz") == classifier.classify("y" * 1000)


def test_a_word_changes_the_states_after_it(classifier):
    """It is shown words alone: what came before a word only the state can know."""
    first, second = classifier.encode(["good a film", "bad a film"], return_states=True)
    forwards = classifier.units
    for step in (1, 2):
        assert np.abs(first[step, :forwards] - second[step, :forwards]).max() > 1e-5
        # Backwards they are read before it.
        np.testing.assert_allclose(first[step, forwards:], second[step, forwards:])


def test_a_temperature_makes_scores_tamer_and_changes_no_label(classifier):
    tame = make_classifier(temperature=4.0)
    tame.set_weights(classifier.get_weights())
    for ours, theirs in zip(
        tame.classify(TEXTS), classifier.classify(TEXTS), strict=True
    ):
        assert ours["label"] == theirs["label"]
        odds = [np.log(a["score"] / (1 - a["score"])) for a in (ours, theirs)]
        assert odds[0] == pytest.approx(odds[1] / 4, rel=1e-3, abs=1e-6)
    with pytest.raises(ValueError, match="`temperature` must be over 0. Received: .*0"):
        make_classifier(temperature=0)


def test_a_vocabulary_of_another_size_is_refused():
    with pytest.raises(ValueError, match="vocabulary, 5. Received: 6"):
        SentimentClassifier(6, preprocessor=Tokenizer(Vocabulary(["a"])))
    with pytest.raises(TypeError, match="rnnzoo.text.Tokenizer. Received: dict"):
        SentimentClassifier(6, preprocessor={})
