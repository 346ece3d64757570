"""The network of `SentimentClassifier`: an Elman layer in each direction, pooled."""

import keras

from rnnzoo.layers import StatePooling, WordDropout
from rnnzoo.layers.initializers import Orthogonal, RandomNormal
from rnnzoo.text import PAD_ID
from zoo_models.core.types import RecurrentLayer, Tensor


def build_network(
    vocabulary_size: int,
    num_classes: int,
    embedding_dim: int,
    units: int,
    word_dropout: float,
    embedding_dropout: float,
    dropout: float,
    temperature: float,
    recurrent_layer: RecurrentLayer,
) -> tuple[Tensor, Tensor]:
    """Builds the network from ids, `(batch, time)`, to probabilities.

    Args:
        vocabulary_size: Number of ids.
        num_classes: Number of probabilities.
        embedding_dim: Size of an embedding.
        units: Number of units in each direction.
        word_dropout: Fraction of words that each text forgets in training.
        embedding_dropout: Dropout rate of the embeddings' elements.
        dropout: Dropout rate of the pooled states.
        temperature: What the scores are divided by before they become probabilities.
        recurrent_layer: Class of the recurrent layers.

    Returns:
        The Keras input, and the output of shape `(batch, num_classes)`.
    """
    # === Layers ===
    drop_words = WordDropout(word_dropout, vocabulary_size, name="word_dropout")
    embed = keras.layers.Embedding(
        vocabulary_size,
        embedding_dim,
        embeddings_initializer=RandomNormal(stddev=0.15),
        name="embedding",
    )
    drop_elements = keras.layers.Dropout(embedding_dropout, name="embedding_dropout")
    elman = keras.layers.Bidirectional(
        recurrent_layer(
            units,
            # Without a language model before it the cell starts as a reader of
            # short phrases, which it learns sooner than to remember.
            recurrent_initializer=Orthogonal(gain=0.5),
            return_sequences=True,
        ),
        name="states",
    )
    pooling = StatePooling(name="features")
    head = keras.Sequential(
        [keras.layers.Dropout(dropout), keras.layers.Dense(num_classes)], name="head"
    )

    # === Graph ===
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    mask = keras.ops.not_equal(token_ids, PAD_ID)
    vectors = drop_elements(embed(drop_words(token_ids)))
    states = elman(vectors, mask=mask)  # (batch, time, 2 * units)
    scores = head(pooling(states, mask=mask))
    # Probabilities stay in float32 under mixed precision.
    scores = keras.ops.cast(scores, "float32") / temperature
    return token_ids, keras.layers.Softmax(dtype="float32", name="softmax")(scores)
