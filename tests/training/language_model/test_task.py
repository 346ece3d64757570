"""Learning next words: states that carry on, and words told among a few."""

import keras
import numpy as np
import pytest

from tests.tiny_language_model import make_language_model
from training.core.steps import make_steps
from training.language_model import task as task_module
from training.language_model.task import MeanSurprise, NextWordTask, Perplexity
from training.language_model.windows import Windows

SIZE = 16
LANES = 2
STREAM = np.random.default_rng(0).integers(3, SIZE, (LANES, 9)).astype("int32")


def make_task(num_sampled=5, counts=None, **arguments):
    keras.utils.set_random_seed(2)
    model = make_language_model(dropout=0.0, **arguments)
    counts = np.arange(1, SIZE + 1) if counts is None else counts
    return NextWordTask({"forward": model}, counts, num_sampled, LANES), model


def carried(task):
    (state,) = task.carried["forward"]
    return keras.ops.convert_to_numpy(state)


def last_state(model, ids):
    _, _, (state,) = model.words.encode(ids)
    return keras.ops.convert_to_numpy(state)


def test_the_state_after_a_batch_starts_the_next(monkeypatch):
    """Two windows in a row end in the state of the one long window."""
    monkeypatch.setattr(task_module, "FRESH", 0.0)
    task, model = make_task()
    first, second = STREAM[:, :5], STREAM[:, 4:]
    task({"forward": first}, training=True)
    task({"forward": second}, training=True)
    np.testing.assert_allclose(
        carried(task), last_state(model, STREAM[:, :8]), atol=1e-6
    )
    # Measuring starts from zeros and leaves alone what is carried.
    before = carried(task)
    task({"forward": first}, training=False)
    np.testing.assert_array_equal(carried(task), before)


def test_some_lanes_start_from_zeros(monkeypatch):
    monkeypatch.setattr(task_module, "FRESH", 1.0)
    task, model = make_task()
    for window in (STREAM[:, :5], STREAM[:, 4:]):
        task({"forward": window}, training=True)
    expected = last_state(model, STREAM[:, 4:8])
    np.testing.assert_allclose(carried(task), expected, atol=1e-6)
    assert np.abs(carried(task) - last_state(model, STREAM[:, :8])).max() > 1e-4


def test_measured_surprise_is_that_of_the_score():
    task, model = make_task()
    ids = np.array([[3, 5, 6, 3, 0], [3, 4, 3, 0, 0]], "int32")
    sums = task({"forward": ids}, training=False).numpy()[:, 0]
    answers = model.score(["the film", "a"])
    expected = [[-a["score"] * a["tokens"], a["tokens"]] for a in answers]
    np.testing.assert_allclose(sums, expected, rtol=1e-5)
    loss = MeanSurprise()(np.zeros((2, 1)), sums[:, None])
    assert float(loss) == pytest.approx(sums[:, 0].sum() / 5, rel=1e-6)
    perplexity = Perplexity(0)
    perplexity.update_state(None, sums[:1, None])
    perplexity.update_state(None, sums[1:, None])
    assert float(perplexity.result()) == pytest.approx(np.exp(float(loss)), rel=1e-5)


def test_words_are_told_from_those_drawn_as_by_hand():
    import tensorflow as tf

    task, model = make_task()
    sampled = np.array([4, 9, 9, 12, 7])
    words = np.array([[9, 5], [13, 12]], "int32")
    features = np.random.default_rng(1).normal(size=(2, 2, 6)).astype("float32")
    received = task._sampled_surprise(
        model, tf.constant(features), tf.constant(words), tf.constant(sampled)
    ).numpy()
    table = model.words.embed.embeddings.numpy()
    model_bias = model.words.embed.bias.numpy()
    expected_count = 5 * task.share

    def score(row, word):
        return row @ table[word] + model_bias[word] - np.log(expected_count[word])

    for row, word, value in zip(
        features.reshape(4, 6), words.ravel(), received.ravel(), strict=True
    ):
        others = sampled.tolist()
        if word in others:  # one of its draws is no rival, the word itself
            others.remove(word)
        rivals = [score(row, other) for other in others]
        own = score(row, word)
        total = np.log(np.exp(own) + np.exp(rivals).sum())
        assert value == pytest.approx(total - own, rel=1e-4)


def test_words_are_drawn_with_the_power_of_their_counts():
    counts = np.array([0, 0, 0, 0, 1, 16, 81])
    task, _ = make_task(30_000, counts, vocabulary_size=7, preprocessor=None)
    share = np.bincount(task._draw().numpy(), minlength=7) / 30_000
    np.testing.assert_allclose(share, [0, 0, 0, 0, 1 / 36, 8 / 36, 27 / 36], atol=0.02)


def test_the_sampled_loss_falls_and_the_phrase_is_known():
    """Told among four words drawn, it comes to expect the right one of all."""
    phrase = [3, 5, 6, 7, 8, 9, 13]
    stream = np.array(phrase * 30, "int32")
    keras.utils.set_random_seed(4)
    model = make_language_model(embedding_dim=8, units=12, dropout=0.0)
    counts = np.maximum(np.bincount(stream, minlength=SIZE), 1)
    task = NextWordTask({"forward": model}, counts, 4, LANES)
    windows = Windows({"forward": stream}, LANES, 10, seed=1)
    steps = make_steps(
        task,
        keras.optimizers.Adam(0.02),
        MeanSurprise(),
        [Perplexity(0)],
        None,
        windows,
    )
    losses = []
    for epoch in range(12):
        losses += [steps.train(batch) for batch in windows.epoch(epoch)]
    assert np.mean(losses[-10:]) < 0.3 * np.mean(losses[:10])
    assert model.score("The film is not good.")["perplexity"] < 2
