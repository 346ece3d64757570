"""Attention and tied embedding against NumPy."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.layers import DotAttention, TiedEmbedding, WordDropout


def random(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype("float32")


array = ops.convert_to_numpy


def test_attention_is_as_by_hand_and_passes_over_padding():
    queries, values = random(2, 3, 6), random(2, 5, 8)
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], bool)
    layer = DotAttention(4)
    contexts, weights = layer(queries, values, mask)
    q = queries @ array(layer.query_kernel)
    k = values @ array(layer.key_kernel)
    scores = np.where(mask[:, None], q @ k.transpose(0, 2, 1) / 2, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    np.testing.assert_allclose(array(weights), shares, atol=1e-5)
    np.testing.assert_allclose(array(contexts), shares @ values, atol=1e-5)
    more, _ = layer(queries[1:], values[1:, :2], mask[1:, :2])
    np.testing.assert_allclose(array(more), array(contexts)[1:], atol=1e-5)


def test_embedding_and_scores_share_a_table():
    layer = TiedEmbedding(11, 4)
    embeddings = layer(np.array([[5, 3, 5]]))
    table = array(layer.embeddings)
    layer.bias.assign(random(11))
    np.testing.assert_allclose(array(embeddings[0]), 2 * table[[5, 3, 5]], rtol=1e-6)
    features = random(2, 3, 4)
    expected = features @ table.T + array(layer.bias)
    np.testing.assert_allclose(
        array(layer(features, reverse=True)), expected, atol=1e-5
    )


def test_one_place_is_attended_to_without_a_warning():
    layer, values = DotAttention(4), random(2, 1, 5)
    contexts, weights = layer(random(2, 3, 6), values, np.ones((2, 1), bool))
    np.testing.assert_array_equal(array(weights), np.ones((2, 3, 1)))
    np.testing.assert_allclose(array(contexts), np.repeat(values, 3, axis=1))


def test_configurations_survive():
    for layer in (DotAttention(4, name="a"), TiedEmbedding(11, 4, name="b")):
        again = keras.layers.deserialize(keras.layers.serialize(layer))
        assert again.get_config() == layer.get_config()


def test_ids_stay_integers_in_half_precision():
    ids = keras.Input((None,), dtype="int32")
    dropped = WordDropout(0.5, 600, dtype="mixed_bfloat16")(ids)
    layer = TiedEmbedding(600, 4, dtype="mixed_bfloat16")
    embeddings = keras.Model(ids, layer(dropped))(np.array([[599, 598]]))
    # 599 has no place in bfloat16, and would be read as 600.
    expected = array(layer.embeddings)[[599, 598]] * 2
    received = array(ops.cast(embeddings, "float32"))[0]
    np.testing.assert_allclose(received, expected, rtol=0.01)


def test_sizes_are_checked():
    for call, message in (
        (lambda: DotAttention(0), "units=0"),
        (lambda: TiedEmbedding(0, 4), "vocabulary_size=0"),
        (lambda: TiedEmbedding(4, 2.5), "embedding_dim=2.5"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
