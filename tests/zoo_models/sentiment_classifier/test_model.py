"""The classifier on tiny weights: answers, training, states, what it refuses."""

import threading

import keras
import numpy as np
import pytest

from rnnzoo.layers import Elman
from tests.conftest import make_classifier

TEXTS = ["a good film", "", "dull", "the film is bad " * 9]


def test_top_gives_the_best_labels_first(classifier):
    (answer,) = classifier.classify(["a good film"], top=2)
    assert {a["label"] for a in answer} == {"negative", "positive"}
    assert answer[0]["score"] >= answer[1]["score"]
    assert sum(a["score"] for a in answer) == pytest.approx(1.0, abs=1e-6)


def test_answers_are_those_of_predict(classifier):
    probabilities = classifier.predict(TEXTS, verbose=0)
    for row, answer in zip(probabilities, classifier.classify(TEXTS), strict=True):
        assert classifier.labels[row.argmax()] == answer["label"]
        assert row.max() == pytest.approx(answer["score"], abs=1e-6)


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
    ("arguments", "message"),
    [
        ({"labels": ["one"]}, "two or more. Received: .'one'"),
        ({"labels": ["a", "a"]}, "different names"),
        ({"labels": "ab"}, "different names of classes. Received: 'ab'"),
        ({"units": 0}, "Received: units=0"),
        ({"vocabulary_size": 3}, "'vocabulary_size': 3}. Received: .*11"),
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


def test_a_dataset_of_inputs_alone_is_predicted(classifier):
    import tensorflow as tf

    expected = classifier.predict(TEXTS, verbose=0)
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS,))
    np.testing.assert_allclose(
        classifier.predict(dataset, verbose=0), expected, atol=1e-6
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": ["a"], "y": [2]}, "from 0 to 1.*Received: 2"),
        (
            {"x": ["a"], "y": ["good"]},
            "list of integers, one for each input. Received: an array of <U4",
        ),
    ],
)
def test_wrong_training_data_are_named(classifier, arguments, message):
    with pytest.raises(ValueError, match=message):
        classifier.fit(**arguments, verbose=0)


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


def test_every_path_passes_an_elman_cell(classifier):
    """With states that cannot move, no text makes a difference."""
    wrapper = classifier.get_layer("states")
    layers = wrapper.forward_layer, wrapper.backward_layer
    assert classifier.cells() == [layer.cell for layer in layers]
    for layer in layers:
        assert type(layer) is Elman
        layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    assert len({answer["score"] for answer in classifier.classify(TEXTS)}) == 1


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
