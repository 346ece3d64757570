"""Beams against a search in plain Python, and examples that leave the batch."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.samplers import BeamSampler, GreedySampler, TopPSampler
from rnnzoo.samplers.beam_sampler import best_continuations, group_size
from rnnzoo.samplers.sampler import likeliest, log_softmax, pick

NEVER = (0, 1, 2)  # padding, unknown, start
END = 3


def search_by_hand(table, example, beams, max_length, penalty):
    """What `BeamSampler` says that it does, one hypothesis at a time."""
    followed, ended = [(0.0, [])], []
    for t in range(max_length):
        going_on = []
        for total, ids in followed:
            logits = table[example, t, ids[-1] if ids else 2].astype("float64")
            able = np.delete(logits, NEVER)
            rest = able.max() + np.log(np.exp(able - able.max()).sum())
            going_on += [
                (total + logits[i] - rest, [*ids, i]) for i in range(3, table.shape[-1])
            ]
        going_on.sort(key=lambda one: -one[0])
        ended += [
            (total / (t + 1) ** penalty, ids)
            for total, ids in going_on[:beams]
            if ids[-1] == END
        ]
        followed = [one for one in going_on if one[1][-1] != END][:beams]
        if len(ended) >= beams:
            break
    else:
        rest = [(total / max_length**penalty, ids) for total, ids in followed]
        ended.sort(key=lambda one: -one[0])
        return [*ended, *rest][:beams]
    return sorted(ended, key=lambda one: -one[0])[:beams]


def run(sampler, table, max_length, num_return, shrinks=True):
    """Runs a sampler on a model that reads `table`, as users' graphs do: with a step
    that is told which examples are left, or with one that always sees all."""
    size, steps = table.shape[-1], table.shape[1]
    scores = ops.reshape(ops.convert_to_tensor(table), (-1, size))

    def step(token_ids, states, example=None):
        t, own = states
        if shrinks:  # what is fixed belongs to the rows that came
            rows = ops.shape(token_ids)[0] // ops.shape(example)[0]
            own = ops.repeat(example, rows, axis=0)
        index = (own * steps + t) * size + token_ids
        return ops.take(scores, index, axis=0), (t + 1, states[1])

    def call(example):
        states = ops.zeros_like(example), example
        fixed = example if shrinks else None
        return sampler(step, states, max_length, num_return, fixed)

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        signature = [tf.TensorSpec([None], tf.int32)]
        call = tf.function(call, input_signature=signature, autograph=False)
    found = call(ops.arange(len(table), dtype="int32"))
    return [ops.convert_to_numpy(x) for x in found]


@pytest.mark.parametrize(
    ("size", "beams", "penalty"),
    [(300, 5, 1.0), (300, 3, 0.5), (283, 4, 1.0), (7, 5, 0.0), (7, 9, 1.0)],
)
def test_beams_are_those_of_a_plain_search(size, beams, penalty):
    """Of a vocabulary that is grouped, of one that no group divides, and of one that
    has fewer ids than there are beams."""
    generator = np.random.default_rng(size + beams)
    table = generator.normal(0, 2, (9, 6, size, size)).astype("float32")
    # Examples end at different times, some never.
    table[..., END] += generator.normal(size**0.3, 3, (9, 6, 1))
    table[0, ..., END] -= 30
    token_ids, scores = run(BeamSampler(beams, penalty), table, 6, beams)
    for example in range(9):
        expected = search_by_hand(table, example, beams, 6, penalty)
        for place, (score, ids) in enumerate(expected):
            received = token_ids[example, place]
            assert received[: len(ids)].tolist() == ids
            assert not received[len(ids) :].any()
            np.testing.assert_allclose(scores[example, place], score, atol=1e-5)


@pytest.mark.parametrize(
    "sampler", [GreedySampler(), BeamSampler(4), TopPSampler(0.9, seed=3)]
)
def test_examples_that_leave_get_what_they_get_when_all_stay(sampler):
    generator = np.random.default_rng(5)
    table = generator.normal(0, 2, (23, 8, 60, 60)).astype("float32")
    table[..., END] += generator.normal(2, 4, (23, 1, 1))
    count = 1 if isinstance(sampler, GreedySampler) else 3
    found = []
    for shrinks in (True, False):
        if sampler.seeds():
            sampler = TopPSampler(0.9, seed=3)
        found.append(run(sampler, table, 8, count, shrinks))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-6)


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="its tensors do not shrink"
)
def test_a_step_sees_only_examples_that_are_open():
    """An example ends after as many steps as its number says."""
    seen = []

    def step(token_ids, left, example):
        seen.append(ops.convert_to_numpy(example).tolist())
        next_ids = ops.where(left > 1, 4, END)
        return 9.0 * ops.one_hot(next_ids, 6), left - 1

    lengths = np.array([3, 1, 6, 2], "int32")
    token_ids, _ = GreedySampler()(step, lengths, max_length=5, fixed=lengths)
    assert [sorted(rows) for rows in seen] == [
        [1, 2, 3, 6],
        [2, 3, 6],
        [3, 6],
        [6],
        [6],
    ]
    assert ops.convert_to_numpy(token_ids)[:, 0].tolist() == [
        [4, 4, 3, 0, 0],
        [3, 0, 0, 0, 0],
        [4, 4, 4, 4, 4],
        [4, 3, 0, 0, 0],
    ]


@pytest.mark.parametrize("size", [6, 300, 283])
def test_continuations_are_the_first_of_all_in_order(size):
    """Also where many are equal, among which PyTorch's `topk` takes any, and where a
    hypothesis does not count yet."""
    logits = np.random.default_rng(1).integers(-3, 3, (8, size)).astype("float32")
    totals = np.array([[-1.0, -1.0], [-2.0, -1.0], [0.0, -1e9], [-1.0, -3.0]], "f4")
    sums, parents, ids = best_continuations(
        ops.convert_to_tensor(logits), ops.convert_to_tensor(totals), 4
    )
    gains = ops.convert_to_numpy(log_softmax(ops.convert_to_tensor(logits)))
    everything = (totals[:, :, None] + gains.reshape(4, 2, size)).reshape(4, -1)
    for row in range(4):
        order = np.argsort(-everything[row], kind="stable")[:4]
        found = [ops.convert_to_numpy(x)[row] for x in (sums, parents, ids)]
        np.testing.assert_allclose(found[0], everything[row, order], atol=1e-5)
        chosen = found[1] * size + found[2]
        if keras.backend.backend() == "torch":
            np.testing.assert_allclose(everything[row, chosen], found[0], atol=1e-5)
            assert len(set(chosen.tolist())) == len(chosen)
        else:
            np.testing.assert_array_equal(chosen, order)


def test_the_likeliest_id_is_never_one_that_is_not_emitted():
    logits = np.array([[9, 50, 9, 1, 2, 2], [0, 0, 0, -5, -90, -9]], "float32")
    chosen, gains = likeliest(ops.convert_to_tensor(logits))
    assert ops.convert_to_numpy(chosen).tolist() == [4, 3]
    expected = ops.convert_to_numpy(log_softmax(ops.convert_to_tensor(logits)))
    np.testing.assert_allclose(gains, expected[[0, 1], [4, 3]], atol=1e-6)


def test_groups_divide_the_vocabulary_where_they_can():
    assert group_size(5000) == 50
    assert 2540 % group_size(2540) == 0
    assert group_size(283) == 12  # a prime: the last group is filled up


def test_entries_are_picked_for_each_row():
    values = np.arange(24).reshape(2, 3, 4)
    places = np.array([[2, 0], [1, 1]], "int32")
    for array in (values, values[..., 0]):
        picked = pick(ops.convert_to_tensor(array), ops.convert_to_tensor(places))
        expected = np.stack([row[i] for row, i in zip(array, places, strict=True)])
        np.testing.assert_array_equal(ops.convert_to_numpy(picked), expected)
