"""The problems are what they say, and the networks are of equal weights."""

import numpy as np
import pytest

from training.comparison.networks import CELLS, build, measure, score, train
from training.comparison.report import draw, read_results, to_table
from training.comparison.tasks import COPIED, SYMBOLS, adding_task, copy_task


def test_copying_shows_the_symbols_then_a_pause_then_a_mark():
    inputs, symbols = copy_task(7).draw(np.random.default_rng(0), 3)
    ids = inputs.argmax(axis=-1)
    assert ids.shape == (3, 2 * COPIED + 7)
    np.testing.assert_array_equal(ids[:, :COPIED], symbols)
    assert (ids[:, COPIED:-COPIED] == SYMBOLS).all()
    assert (ids[:, -COPIED] == SYMBOLS + 1).all()


def test_the_sum_is_that_of_one_number_in_each_half():
    inputs, sums = adding_task(9).draw(np.random.default_rng(0), 50)
    numbers, marks = inputs[..., 0], inputs[..., 1]
    np.testing.assert_array_equal(marks[:, :4].sum(axis=1), 1)
    np.testing.assert_array_equal(marks[:, 4:].sum(axis=1), 1)
    np.testing.assert_allclose((numbers * marks).sum(axis=1), sums[:, 0], rtol=1e-6)


def test_chance_and_perfection_are_scored_as_such():
    copying, adding = copy_task(3), adding_task(8)
    _, symbols = copying.draw(np.random.default_rng(0), 2000)
    assert score(copying, np.eye(SYMBOLS)[symbols], symbols) == 1
    guesses = np.zeros((*symbols.shape, SYMBOLS))
    assert score(copying, guesses, symbols) == pytest.approx(1 / 8, abs=0.02)
    _, sums = adding.draw(np.random.default_rng(0), 100)
    assert score(adding, sums, sums) == 1
    assert score(adding, np.full_like(sums, sums.mean()), sums) == pytest.approx(0)


@pytest.mark.parametrize("features", [1, 2, 10])
def test_gates_get_fewer_units_for_as_many_weights(features):
    task = copy_task(5)
    counts, units = {}, {}
    for name, cell in CELLS.items():
        layer = build(cell, task, 1500, features).get_layer("recurrent")
        counts[name], units[name] = layer.count_params(), layer.units
    assert max(counts.values()) <= 1500
    assert min(counts.values()) > 1200
    assert units["elman-tanh-orthogonal"] > units["gru"] > units["lstm"]


def test_a_network_learns_a_short_problem():
    import keras

    keras.utils.set_random_seed(0)
    task, random = copy_task(1), np.random.default_rng(0)
    model = build(CELLS["elman-tanh-orthogonal"], task, 1500, SYMBOLS + 2)
    before = measure(model, task, 200, random)
    losses = train(model, task, 150, 32, 1e-2, random)
    assert len(losses) == 3
    assert measure(model, task, 200, random) > before + 0.3


def test_the_report_tells_what_there_is(tmp_path):
    result = {
        "cell": "gru",
        "name": "GRU",
        "units": 5,
        "weights": 123,
        "task": "copy",
        "length": 10,
        "score": 0.5,
        "chance": 0.125,
    }
    assert read_results(tmp_path) == []
    results = [result, {**result, "score": 0.7}, {**result, "length": 30}]
    table = to_table(results, ("lstm", "gru"), ("copy-10", "copy-30", "adding-25"))
    assert table.splitlines()[2:] == ["| GRU | 5 | 123 | 0.60 (2) | 0.50 | – |"]
    draw(results, ("lstm", "gru"), tmp_path / "picture.svg")
    assert "<!-- GRU -->" in (tmp_path / "picture.svg").read_text()
