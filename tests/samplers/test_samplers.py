"""Samplers against a search over all hypotheses, and against each other."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import samplers
from rnnzoo.samplers import BeamSampler, GreedySampler, TopKSampler, TopPSampler
from tests.samplers.test_following import run as search

SIZE = 7  # ids; those from 3 on can be emitted, 3 is the end
BATCH = 3


@pytest.fixture
def table():
    """Scores of the next id by example, step and last id."""
    return np.random.default_rng(3).normal(0, 2, (BATCH, 6, SIZE, SIZE)).astype("f4")


def run(sampler, table, max_length=5, num_return=1, batch=BATCH):
    return search(sampler, table[:batch], max_length, num_return, shrinks=False)


def log_probabilities(table, example, token_ids):
    """Log-probability of each id up to the end, by hand."""
    last, out = 2, []
    for t, i in enumerate(token_ids):
        logits = np.where(np.arange(SIZE) < 3, -1e9, table[example, t, last])
        out.append(logits[i] - np.log(np.exp(logits).sum()))
        if i == 3:
            break
        last = i
    return out


def test_greedy_takes_the_best_id_at_every_step(table):
    token_ids, scores = run(GreedySampler(), table)
    assert token_ids.shape == (BATCH, 1, 5)
    for example in range(BATCH):
        last = 2
        for t, chosen in enumerate(token_ids[example, 0]):
            assert chosen == 3 + np.argmax(table[example, t, last, 3:])
            if chosen == 3:
                assert not token_ids[example, 0, t + 1 :].any()
                break
            last = chosen
        by_hand = np.mean(log_probabilities(table, example, token_ids[example, 0]))
        np.testing.assert_allclose(scores[example, 0], by_hand, atol=1e-5)


def test_one_beam_is_greedy(table):
    for max_length in (2, 5):
        expected = run(GreedySampler(), table, max_length)
        received = run(BeamSampler(1), table, max_length)
        np.testing.assert_array_equal(received[0], expected[0])
        np.testing.assert_allclose(received[1], expected[1], atol=1e-5)


def test_a_row_does_not_depend_on_the_batch(table):
    for sampler in (GreedySampler(), BeamSampler(3)):
        token_ids, scores = run(sampler, table)
        alone = run(sampler, table, batch=1)
        np.testing.assert_array_equal(alone[0], token_ids[:1])
        np.testing.assert_allclose(alone[1], scores[:1], atol=1e-5)


def test_hypotheses_that_ended_come_before_open_ones():
    # The end is unlikely at every step; going on is nearly free.
    table = np.full((1, 6, SIZE, SIZE), -30.0, "f4")
    table[..., 3], table[..., 4] = -4.0, 0.0
    token_ids, scores = run(BeamSampler(2), table, 1, num_return=2, batch=1)
    assert token_ids[0].tolist() == [[3], [4]]
    assert scores[0, 0] < scores[0, 1]


def test_all_rows_ended_stops_the_loop():
    steps = []

    def step(token_ids, states):
        steps.append(1)
        return ops.tile(ops.one_hot([3], SIZE) * 9.0, (states.shape[0], 1)), states

    if keras.backend.backend() == "jax":
        pytest.skip("JAX traces the loop once: its turns cannot be counted")
    GreedySampler()(step, ops.zeros((4,)), max_length=50)
    assert len(steps) == 1


def test_seeds_repeat_draws_and_shares_are_kept(table):
    table = np.zeros((1, 6, SIZE, SIZE), "f4")
    table[:, :, :, 5] = np.log(2)  # 5 is twice as likely as 3, 4 and 6
    draws = [run(TopKSampler(4, seed=5), table, 1, 400, 1)[0] for _ in range(2)]
    np.testing.assert_array_equal(*draws)
    shares = np.bincount(draws[0].ravel(), minlength=SIZE) / 400
    assert not shares[:3].any()
    np.testing.assert_allclose(shares[3:], [0.2, 0.2, 0.4, 0.2], atol=0.07)
    assert set(run(TopKSampler(1, seed=5), table, 1, 40, 1)[0].ravel()) == {5}
    assert set(run(TopPSampler(0.3, seed=5), table, 1, 40, 1)[0].ravel()) == {5}
    assert len(set(run(TopPSampler(0.9, seed=5), table, 1, 99, 1)[0].ravel())) == 4
    cold = TopPSampler(1.0, temperature=0.01, seed=5)
    assert set(run(cold, table, 1, 40, 1)[0].ravel()) == {5}


def test_draws_differ_from_call_to_call(table):
    sampler = TopPSampler(1.0, seed=5)
    first, second = (run(sampler, table, 5, 4)[0] for _ in range(2))
    assert (first != second).any()


def test_names_and_bad_arguments():
    assert isinstance(samplers.get("beam"), BeamSampler)
    sampler = TopKSampler(2)
    assert samplers.get(sampler) is sampler
    for call, message in (
        (lambda: samplers.get("best"), "Received: 'best'"),
        (lambda: BeamSampler(0), "num_beams=0"),
        (lambda: BeamSampler(2, -1.0), "length_penalty=-1.0"),
        (lambda: TopKSampler(0), "k=0"),
        (lambda: TopPSampler(0.0), "p=0.0"),
        (lambda: TopPSampler(0.5, temperature=0), "temperature=0"),
        (lambda: GreedySampler()(None, np.zeros(1), 4, 2), "num_return=2"),
        (lambda: BeamSampler(3)(None, np.zeros(1), 4, 4), "at most 3"),
        (lambda: GreedySampler()(None, np.zeros(1), 0), "max_length=0"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
