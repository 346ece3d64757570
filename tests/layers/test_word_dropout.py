import keras
import numpy as np
import pytest

from rnnzoo.layers import WordDropout

SIZE = 40
TOKEN_IDS = np.random.default_rng(0).integers(0, SIZE, (6, 90)).astype("int32")


def drop(rate, training=True, seed=1):
    layer = WordDropout(rate, SIZE, seed=seed)
    return keras.ops.convert_to_numpy(layer(TOKEN_IDS, training=training))


def test_a_text_forgets_a_word_everywhere_or_nowhere():
    dropped = drop(0.3)
    for before, after in zip(TOKEN_IDS, dropped, strict=True):
        for word in range(4, SIZE):
            replaced = after[before == word]
            assert (replaced == 1).all() or (replaced == word).all()
    # Each text forgets words of its own.
    assert len({tuple(row) for row in (dropped != TOKEN_IDS).tolist()}) == 6


def test_the_rate_is_met():
    rates = [(drop(0.3, seed=s) != TOKEN_IDS).mean() for s in range(20)]
    expected = 0.3 * (TOKEN_IDS >= 4).mean()
    assert np.mean(rates) == pytest.approx(expected, abs=0.03)


def test_special_tokens_stay():
    dropped = drop(1.0)
    np.testing.assert_array_equal(dropped, np.where(TOKEN_IDS < 4, TOKEN_IDS, 1))


def test_nothing_happens_outside_training():
    np.testing.assert_array_equal(drop(1.0, training=False), TOKEN_IDS)
    np.testing.assert_array_equal(drop(0.0), TOKEN_IDS)


def test_config_and_errors():
    layer = WordDropout(0.2, SIZE, seed=3, name="named")
    assert WordDropout.from_config(layer.get_config()).get_config() == (
        layer.get_config()
    )
    with pytest.raises(ValueError, match="from 0 to 1. Received: rate=2"):
        WordDropout(2, SIZE)
