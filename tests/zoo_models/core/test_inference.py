"""Functions are compiled for the backend, and progress is shown where one works."""

import threading
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.cli.answers import answer_inputs
from tests.tiny_captioner import make_captioner
from tests.tiny_translator import make_translator
from zoo_models.core.inference import compile_function, in_batches


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="JAX")
def test_generation_is_compiled_on_jax(monkeypatch):
    """Python is gone through once for each shape, and there are few shapes."""
    model = make_translator()
    traced = []
    search = model.search

    def remember(*arguments):
        traced.append(arguments[0].shape)
        return search(*arguments)

    monkeypatch.setattr(model, "search", remember, raising=False)
    texts = ["A dog runs.", "The red dog.", "the cat runs.", "a", ""]
    alone = [model.generate(text, max_length=5, return_scores=True) for text in texts]
    assert traced == [(1, 16)]
    together = model.generate(texts, max_length=5, return_scores=True)
    assert together[:3] != together[2:]
    model.generate([*texts, "red"], max_length=5)
    assert traced == [(1, 16), (8, 16)]
    for one, other in zip(alone, together, strict=True):
        assert one["translation"] == other["translation"]
        assert one["score"] == pytest.approx(other["score"], abs=1e-5)


@pytest.mark.parametrize("sampler", ["top_k", "top_p"])
def test_random_samplers_go_on_drawing(sampler):
    """The state of the random numbers lives on between calls."""
    keras.utils.set_random_seed(1)
    model = make_translator()
    model.compile(sampler=sampler)
    drawn = {tuple(model.generate("a red dog", 5, num_return=4)) for _ in range(6)}
    assert len(drawn) > 1


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow")
@pytest.mark.compiled
def test_op_by_op_a_model_writes_the_same(monkeypatch):
    model = make_translator()
    texts = ["a red dog", "two red dogs run", "dog"]
    graphs = []
    search = model.search

    def remember(*arguments):
        graphs.append(not tf.executing_eagerly())
        return search(*arguments)

    monkeypatch.setattr(model, "search", remember, raising=False)
    compiled = model.generate(texts, max_length=5, return_scores=True)
    assert model.generate(texts, max_length=5, return_scores=True) == compiled
    assert graphs == [True]  # compiled once
    model.run_eagerly = True
    eager = model.generate(texts, max_length=5, return_scores=True)
    assert graphs == [True, False]
    for one, other in zip(compiled, eager, strict=True):
        assert one["translation"] == other["translation"]
        assert one["score"] == pytest.approx(other["score"], abs=1e-5)


@pytest.mark.compiled
def test_a_few_short_inputs_are_not_compiled_for(monkeypatch):
    model = make_translator()
    eager = []
    generate = model.generate

    def remember(*arguments, **options):
        eager.append(model.run_eagerly)
        return generate(*arguments, **options)

    monkeypatch.setattr(model, "generate", remember, raising=False)
    for texts in (["a red dog"], ["a red dog"] * 9, ["dog " * 26], []):
        answers = answer_inputs(model, texts, None, max_length=2)
        assert len(answers) == len(texts)
    assert eager == [True, False, False, True]
    assert not model.run_eagerly


def test_a_batch_of_any_size_is_answered_row_by_row():
    weight = keras.Variable(np.array([2.0, 3.0], "float32"))
    double = compile_function(
        lambda x: {"y": x * weight}, (None, 2), "float32", [weight]
    )
    for rows in (1, 2, 3, 5):
        x = np.arange(2.0 * rows).reshape(rows, 2)
        np.testing.assert_allclose(double(x)["y"], x * [2, 3])


def test_batches_are_worked_on_side_by_side_and_come_in_order():
    met = threading.Barrier(2, timeout=60)  # two must be at work at once

    def work(batch):
        met.wait()
        return [2 * i for i in batch]

    done = [*in_batches(work, range(7), 2, 0, num_threads=2)]
    assert done == [
        (range(0, 2), [0, 2]),
        (range(2, 4), [4, 6]),
        (range(4, 6), [8, 10]),
        (range(6, 7), [12]),
    ]


def test_an_error_ends_the_work():
    started = []

    def work(batch):
        started.append(batch)
        raise ValueError(f"batch {batch[0]}")

    with pytest.raises(ValueError, match="batch 0"):
        [*in_batches(work, range(1000), 1, 0, num_threads=2)]
    assert len(started) < 1000


@pytest.mark.compiled
def test_images_are_read_a_batch_at_a_time(monkeypatch):
    model = make_captioner()
    size = model.image_size
    images = [np.full((size, size, 3), i, "uint8") for i in range(0, 240, 20)]
    expected = [model.generate(image, max_length=3) for image in images]
    alive, most = [], 0
    read = model.preprocessor.check

    def check(raw, name):
        nonlocal most
        pixels = read(raw, name)
        alive.append(weakref.ref(pixels))
        most = max(most, sum(ref() is not None for ref in alive))
        return pixels

    monkeypatch.setattr(model.preprocessor, "check", check)
    assert model.generate(images, max_length=3, batch_size=1) == expected
    assert len(alive) == 12
    assert most <= 2
