"""The network of `SentimentClassifier`: an Elman layer in each direction, pooled."""

from typing import Any

import keras

from rnnzoo.layers import StatePooling, WordDropout
from rnnzoo.text import PAD_ID, UNKNOWN_ID


def build_network(
    vocabulary_size: int,
    bigram_vocabulary_size: int,
    num_classes: int,
    embedding_dim: int,
    units: int,
    word_dropout: float,
    embedding_dropout: float,
    dropout: float,
    recurrent_layer: Any,
) -> tuple[Any, Any]:
    """Builds the network from ids, `(batch, time, 2)`, to probabilities.

    Args:
        vocabulary_size: Number of ids of words.
        bigram_vocabulary_size: Number of ids of pairs.
        num_classes: Number of probabilities.
        embedding_dim: Size of an embedding.
        units: Number of units in each direction.
        word_dropout: Fraction of words and pairs that each text forgets in training.
        embedding_dropout: Dropout rate of the embeddings' elements.
        dropout: Dropout rate of the pooled states.
        recurrent_layer: Class of the recurrent layers.

    Returns:
        The Keras input, and the output of shape `(batch, num_classes)`.
    """
    # === Layers ===
    drop_words = WordDropout(word_dropout, vocabulary_size, name="word_dropout")
    drop_pairs = WordDropout(
        word_dropout, bigram_vocabulary_size, name="bigram_dropout"
    )
    embed_words = keras.layers.Embedding(
        vocabulary_size,
        embedding_dim,
        embeddings_initializer=keras.initializers.RandomUniform(-0.1, 0.1),
        name="embedding",
    )
    # A pair starts as the sum of its words and learns how it differs.
    embed_pairs = keras.layers.Embedding(
        bigram_vocabulary_size,
        embedding_dim,
        embeddings_initializer="zeros",
        name="bigram_embedding",
    )
    drop_elements = keras.layers.Dropout(embedding_dropout, name="embedding_dropout")
    elman = keras.layers.Bidirectional(
        recurrent_layer(
            units,
            # A small start makes the cell a reader of short phrases, which it
            # learns sooner than to remember.
            recurrent_initializer=keras.initializers.Orthogonal(gain=0.4),
            return_sequences=True,
        ),
        name="states",
    )
    pooling = StatePooling(name="features")
    head = keras.Sequential(
        [
            keras.layers.Dropout(dropout),
            # Probabilities stay in float32 under mixed precision.
            keras.layers.Dense(num_classes, activation="softmax", dtype="float32"),
        ],
        name="head",
    )

    # === Graph ===
    token_ids = keras.Input((None, 2), dtype="int32", name="token_ids")
    words = token_ids[:, :, 0]  # (batch, time)
    pairs = drop_pairs(token_ids[:, :, 1])
    mask = keras.ops.not_equal(words, PAD_ID)
    is_known = keras.ops.expand_dims(keras.ops.greater(pairs, UNKNOWN_ID), -1)
    pair_vectors = embed_pairs(pairs)
    pair_vectors *= keras.ops.cast(is_known, pair_vectors.dtype)
    vectors = drop_elements(embed_words(drop_words(words)) + pair_vectors)
    states = elman(vectors, mask=mask)  # (batch, time, 2 * units)
    probabilities = head(pooling(states, mask=mask))
    return token_ids, probabilities
