"""Batches: every example once, in an order that seed and epoch decide."""

import numpy as np
import pytest

from training.core.batches import Batches

NUMBERS = np.arange(30)
ROWS = [np.full(1 + n % 9, n, "int32") for n in NUMBERS]
LENGTHS = [len(row) for row in ROWS]


def make(seed=1, batch_size=4, **settings):
    return Batches(
        (ROWS, NUMBERS), batch_size, seed, LENGTHS, edges=(3, 6, 9), **settings
    )


def order(batches, *place):
    return [
        numbers.tolist() for _, numbers in batches.epoch(*place).as_numpy_iterator()
    ]


def test_batches_are_full_and_of_like_length():
    seen = set()
    for rows, numbers in make().epoch().as_numpy_iterator():
        assert len(numbers) == 4
        width = rows.shape[1]
        assert width in (3, 6, 9)
        for row, number in zip(rows, numbers, strict=True):
            length = len(ROWS[number])
            assert (row[:length] == number).all()
            assert not row[length:].any()
        seen.update(numbers.tolist())
    # Two of thirty are left over, and no other is met twice.
    assert len(seen) == 28
    assert len(make()) == 7


def test_short_rows_that_fill_no_batch_go_with_longer_ones():
    rows = [np.ones(2, "int32")] * 3 + [np.ones(8, "int32")] * 5
    lengths = [len(row) for row in rows]
    batches = Batches((rows, np.arange(8)), 4, 1, lengths, edges=(3, 9))
    assert len(batches) == 2


def test_the_order_changes_with_epoch_and_seed_and_nothing_else():
    first = order(make(), 0)
    assert order(make(), 0) == first
    assert order(make(), 1) != first
    assert order(make(seed=2), 0) != first
    batches = make()
    order(batches, 3)
    assert order(batches, 0) == first


def test_an_epoch_can_be_entered_in_its_middle():
    assert order(make(), 2, 3) == order(make(), 2)[3:]


def test_without_a_seed_every_example_comes_once():
    numbers = np.concatenate(order(make(seed=None, batch_size=7)))
    assert sorted(numbers) == NUMBERS.tolist()


def test_small_sets_make_one_batch():
    assert len(make(batch_size=99)) == 1
    assert len(order(make(batch_size=99))[0]) == 30


def test_parts_may_be_dictionaries_of_rows_of_their_own_lengths():
    longer = [np.ones(2 * len(row), "int32") for row in ROWS]
    examples = ({"source": ROWS, "target": longer}, NUMBERS, np.ones((30, 5)))
    batches = Batches(examples, 4, 1, LENGTHS, edges=(3, 6, 9))
    for inputs, numbers, weights in batches.epoch():
        longest = max(len(ROWS[n]) for n in numbers.numpy())
        source, target = inputs["source"].shape[1], inputs["target"].shape[1]
        assert source == -(-longest // 3) * 3
        # Beyond the last edge rows are as long as the longest.
        assert target == (2 * longest if longest > 4 else -(-2 * longest // 3) * 3)
        assert weights.shape == (4, 5)


def test_transform_is_told_a_seed_of_its_own_for_each_batch():
    def transform(batch, seed):
        return batch[1], seed

    batches = make(transform=transform)
    seeds = [tuple(s) for e in (0, 1) for _, s in batches.epoch(e).as_numpy_iterator()]
    assert len(set(seeds)) == 14
    again = [tuple(s) for _, s in batches.epoch(1, 2).as_numpy_iterator()]
    assert again == seeds[9:]


@pytest.mark.parametrize("numbers", [NUMBERS[:-1], NUMBERS[:0]])
def test_parts_of_different_sizes_are_named(numbers):
    with pytest.raises(ValueError, match=rf"\[30, {len(numbers)}\]"):
        Batches((ROWS, numbers), 4)


def test_an_epoch_may_be_several_passes():
    batches = make(batch_size=3)
    repeated = make().repeat_passes(3, batch_size=3)
    assert len(repeated) == 3 * len(batches) == 30
    passes = [order(batches, number) for number in (3, 4, 5)]
    assert order(repeated, 1) == [batch for some in passes for batch in some]
    assert order(repeated, 1, 5) == order(repeated, 1)[5:]
