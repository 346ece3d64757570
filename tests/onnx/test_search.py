"""The runner's search: what the samplers find, in NumPy."""

import numpy as np
import pytest

from rnnzoo.onnx.search import make_search, top
from rnnzoo.samplers import BeamSampler, GreedySampler, TopKSampler, TopPSampler

SIZE = 7
TABLE = np.random.default_rng(0).normal(0, 2, (4, SIZE, SIZE)).astype("float32")


def step(token_ids, states):
    """Scores that hang on the example, the last id and the one before it."""
    examples, before = (np.asarray(state) for state in states)
    token_ids = np.asarray(token_ids)
    scores = TABLE[examples, token_ids] + 0.5 * TABLE[examples, before]
    return scores, [examples, token_ids]


BEAM = {"kind": "beam", "open_penalty": 1e4}


def first():
    return [np.arange(4), np.zeros(4, int)]


@pytest.mark.parametrize("num_return", [1, 3])
@pytest.mark.parametrize("length_penalty", [1.0, 0.4])
@pytest.mark.parametrize("max_length", [1, 2, 9])
def test_beams_are_those_of_the_sampler(num_return, length_penalty, max_length):
    import keras

    sampler = BeamSampler(3, length_penalty)
    states = [keras.ops.convert_to_tensor(state, "int32") for state in first()]
    expected, scores = sampler(_in_keras, states, max_length, num_return)
    settings = {**BEAM, "num_beams": 3, "length_penalty": length_penalty}
    token_ids, received = make_search(settings, max_length, num_return, None)(
        step, first(), 4
    )
    assert np.array_equal(token_ids[:, :num_return], expected)
    np.testing.assert_allclose(received[:, :num_return], scores, rtol=1e-5)


def _in_keras(token_ids, states):
    from keras import ops

    examples, before = states
    table = ops.convert_to_tensor(TABLE)
    flat = ops.reshape(table, (-1, SIZE))
    now = ops.take(flat, examples * SIZE + token_ids, axis=0)
    past = ops.take(flat, examples * SIZE + before, axis=0)
    return now + 0.5 * past, [examples, token_ids]


def test_examples_that_are_done_are_followed_no_further():
    rows = []

    def counted(token_ids, states):
        rows.append(len(token_ids))
        return step(token_ids, states)

    search = make_search({**BEAM, "num_beams": 2}, 30, 1, None)
    token_ids, scores = search(counted, first(), 4)
    assert rows[0] == 8
    assert 0 < rows[-1] < 8
    assert rows == sorted(rows, reverse=True)
    for i in range(4):
        alone, score = search(step, [state[i : i + 1] for state in first()], 1)
        assert np.array_equal(alone[0], token_ids[i])
        np.testing.assert_allclose(score[0], scores[i], rtol=1e-5)


def test_greedy_choice_is_that_of_the_sampler_and_of_one_beam():
    import keras

    states = [keras.ops.convert_to_tensor(state, "int32") for state in first()]
    expected, scores = GreedySampler()(_in_keras, states, 9)
    for settings in [{"kind": "greedy"}, {**BEAM, "num_beams": 1}]:
        token_ids, received = make_search(settings, 9, 1, None)(step, first(), 4)
        assert np.array_equal(token_ids, expected)
        np.testing.assert_allclose(received, scores, rtol=1e-5)


@pytest.mark.parametrize(
    ("settings", "sampler"),
    [
        ({"kind": "top_p", "p": 0.7}, TopPSampler(0.7)),
        ({"kind": "top_p", "temperature": 0.5}, TopPSampler(temperature=0.5)),
        ({"kind": "top_k", "k": 2, "temperature": 2.0}, TopKSampler(2, 2.0)),
    ],
)
def test_draws_are_those_of_the_sampler_for_the_same_chance(settings, sampler):
    rows, seed = 400, 5
    scores = np.tile(TABLE[0, 1], (rows, 1))

    def always(token_ids, states):
        return scores, states

    search = make_search(settings, 1, 1, seed)
    token_ids, _ = search(always, [np.zeros(rows)], rows)
    chances = np.random.default_rng(seed).random((rows, 1)).astype("float32")
    expected = np.asarray(sampler.pick(scores, chances[:, 0]))
    assert np.array_equal(token_ids[:, 0, 0], expected)
    assert len(set(expected.tolist())) > 1


def test_a_seed_repeats_draws_and_of_several_the_likeliest_come_first():
    def draws(seed):
        return make_search({"kind": "top_p"}, 9, 3, seed)(step, first(), 4)

    (once, scores), (again, _), (other, _) = draws(1), draws(1), draws(2)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert (np.diff(scores) <= 0).all()


def test_of_equal_values_the_first_counts():
    values, places = top(np.array([[1.0, 3.0, 2.0, 3.0, 2.0]]), 3)
    assert (values.tolist(), places.tolist()) == ([[3, 3, 2]], [[1, 3, 2]])


@pytest.mark.parametrize(
    ("settings", "arguments", "message"),
    [
        ({"kind": "tree"}, (5, 1), "must be 'beam'.*Received: {'kind': 'tree'}"),
        ({"kind": "beam", "beams": 3}, (5, 1), "settings among.*'beams': 3"),
        ({"kind": "beam", "num_beams": 2}, (5, 3), "1 to 2.*num_return=3"),
        ({"kind": "greedy"}, (5, 2), "1 to 1.*num_return=2"),
        ({"kind": "top_p"}, (0, 1), "max_length=0"),
        ({"kind": "top_p", "p": 0.0}, (5, 1), "p=0.0"),
        ({"kind": "top_k", "k": 0}, (5, 1), "k=0"),
        ({"kind": "top_k", "temperature": 0}, (5, 1), "temperature=0"),
    ],
)
def test_settings_out_of_range_are_named(settings, arguments, message):
    with pytest.raises(ValueError, match=message):
        make_search(settings, *arguments, None)
