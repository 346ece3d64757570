"""A decoder that can copy words which it never or hardly ever read."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_rate
from rnnzoo.text import PAD_ID
from zoo_models.core.attention_decoder import AttentionDecoder
from zoo_models.core.types import Tensor
from zoo_models.image_captioner.class_reader import FORMS
from zoo_models.image_captioner.class_words import KINDS

NEVER = -1e9
LEAST = 1e-7  # a probability that no word falls below
OF_WORDS = ("ids", "logs", "entries", "hidden")  # what a `Pointer` is given of them


class CopyingDecoder(AttentionDecoder):
    """An `AttentionDecoder` with the words of a `ClassReader` at hand.

    What the encoder's classifier names comes as words, in singular and plural. They are
    places of the encoder outputs beside those of the grid, so that the decoder can
    attend to them, and a pointer can copy them: the next word is, with a probability
    that it chooses itself, one of them, or else one of the vocabulary.

    A word that captions hardly ever have is only copied. Its own embedding is not used:
    it reads as what it is, an animal or a vehicle, one or several. So that this works,
    some of an image's words are hidden in training: they are treated as such words.

    Args:
        words: The ids of each word's forms: see `ClassReader`.
        kinds: The kind of each word, a place in `KINDS`.
        rare_ids: Ids of words that are only copied.
        hidden_words: Fraction of an image's words that are hidden in training.
        vocabulary_size: This and all other arguments are those of `AttentionDecoder`.
        embedding_dim: See `vocabulary_size`.
        **arguments: See `vocabulary_size`.

    References:
        - Merity et al., "Pointer Sentinel Mixture Models", 2017: the mixture.
        - Lu et al., "Neural Baby Talk", 2018: words of a detector in a sentence.
    """

    def __init__(
        self,
        words: Sequence[Sequence[int]],
        kinds: Sequence[int],
        rare_ids: Sequence[int],
        hidden_words: float,
        vocabulary_size: int,
        embedding_dim: int,
        **arguments: Any,
    ):
        super().__init__(vocabulary_size, embedding_dim, **arguments)
        self.hide = HideWords(hidden_words, name="hide_words")
        self.naming = ClassEmbedding(
            vocabulary_size, embedding_dim, words, kinds, rare_ids, name="naming"
        )
        self.point = Pointer(arguments["attention_dim"], rare_ids, name="point")

    def prepare(self, word_ids: Tensor, logs: Tensor) -> dict[str, Tensor]:
        """The words of images, as the decoder needs them.

        Args:
            word_ids: These two are what a `ClassReader` gives.
            logs: See `word_ids`.
        """
        word_ids, hidden_ids = self.hide(word_ids)
        entries = self.naming(self.embed(word_ids), word_ids, hidden_ids)
        return {"ids": word_ids, "logs": logs, "entries": entries, "hidden": hidden_ids}

    def embed_ids(self, token_ids: Tensor, words: dict[str, Tensor]) -> Tensor:
        return self.naming(self.embed(token_ids), token_ids, words["hidden"])

    def prepare_steps(self, words: dict[str, Tensor]) -> dict[str, Tensor]:
        size = self.embed.vocabulary_size
        ids, logs, entries, hidden_ids = (words[name] for name in OF_WORDS)
        prepared = self.point.prepare(ids, logs, entries, hidden_ids, size)
        return {**words, "prepared": prepared}

    def score(self, features: Tensor, words: dict[str, Tensor]) -> Tensor:
        logits = self.embed(features, reverse=True)
        if "prepared" in words:
            return self.point.read(features, logits, words["prepared"])
        return self.point(features, logits, *(words[name] for name in OF_WORDS))


@keras.saving.register_keras_serializable(package="rnnzoo")
class HideWords(keras.layers.Layer):
    """Chooses the words that are hidden in training, both forms of each or none. Words
    whose ids come with a minus are hidden whatever chance says.

    Args:
        rate: Fraction of the words.
        seed: Seed of the choice. Default `None`.

    Call arguments:
        word_ids: `(batch, 2 * words)`.

    Returns:
        The ids without minus, and the ids of those that are hidden, 0 at all others;
        both of the same shape.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(dtype="float32", **kwargs)
        self.rate = check_rate("hidden_words", rate)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, word_ids: Tensor, training: bool = False) -> tuple[Tensor, Tensor]:
        hidden_ids = ops.maximum(-word_ids, 0)
        word_ids = ops.abs(word_ids)
        if not training or not self.rate:
            return word_ids, hidden_ids
        shape = (ops.shape(word_ids)[0], word_ids.shape[1] // FORMS)
        chance = keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)
        is_hidden = ops.repeat(chance < self.rate, FORMS, axis=1)
        return word_ids, ops.where(is_hidden, word_ids, hidden_ids)

    def compute_output_spec(
        self, word_ids: keras.KerasTensor, training: bool = False
    ) -> keras.KerasTensor:
        spec = keras.KerasTensor(word_ids.shape, word_ids.dtype)
        return spec, keras.KerasTensor(word_ids.shape, word_ids.dtype)


@keras.saving.register_keras_serializable(package="rnnzoo")
class ClassEmbedding(keras.layers.Layer):
    """What a word is, added to its embedding, or in its place where it is hidden.

    Args:
        vocabulary_size: Number of ids.
        embedding_dim: Size of an embedding.
        words: See `CopyingDecoder`.
        kinds: See `CopyingDecoder`.
        rare_ids: See `CopyingDecoder`.

    Call arguments:
        embeddings: Of the ids, `(…, embedding_dim)`.
        ids: `(…)`, whose first axis is that of `hidden_ids`, or a multiple.
        hidden_ids: `(batch, words)`, 0 for none.

    Returns:
        `(…, embedding_dim)`.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        words: Sequence[Sequence[int]],
        kinds: Sequence[int],
        rare_ids: Sequence[int],
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.embedding_dim = embedding_dim
        # What each id is: 0 for no word of a class, else a number of its kind and form.
        self.what = np.zeros(vocabulary_size, "int32")
        for forms, kind in zip(words, kinds, strict=True):
            for form, word_id in enumerate(forms):
                self.what[word_id] = 1 + FORMS * kind + form
        self.what[PAD_ID] = 0
        self.is_rare = np.zeros(vocabulary_size, bool)
        self.is_rare[list(rare_ids)] = True

    def build(
        self,
        embeddings_shape: tuple[int | None, ...],
        ids_shape: tuple[int | None, ...],
        hidden_ids_shape: tuple[int | None, ...],
    ) -> None:
        self.table = self.add_weight(
            shape=(1 + FORMS * len(KINDS), self.embedding_dim),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            name="kinds",
        )
        self.built = True

    def call(self, embeddings: Tensor, ids: Tensor, hidden_ids: Tensor) -> Tensor:
        what = ops.take(ops.convert_to_tensor(self.what), ids)
        added = ops.cast(ops.take(self.table, what, axis=0), embeddings.dtype)
        added = ops.where(ops.expand_dims(what, -1) > 0, added, 0.0)
        # The rows of an image stand side by side.
        rows = ops.reshape(ids, (ops.shape(hidden_ids)[0], -1, 1))
        is_hidden = ops.any((rows == hidden_ids[:, None]) & (rows != PAD_ID), axis=-1)
        is_hidden = ops.reshape(is_hidden, ops.shape(ids))
        is_hidden |= ops.take(ops.convert_to_tensor(self.is_rare), ids)
        own = ops.where(ops.expand_dims(is_hidden, -1), 0.0, embeddings)
        return own + added

    def compute_output_spec(
        self,
        embeddings: keras.KerasTensor,
        ids: keras.KerasTensor,
        hidden_ids: keras.KerasTensor,
    ) -> keras.KerasTensor:
        return keras.KerasTensor(embeddings.shape, embeddings.dtype)


@keras.saving.register_keras_serializable(package="rnnzoo")
class Pointer(keras.layers.Layer):
    """The next word, of the vocabulary or copied.

        log(p_0 softmax(logits)_y + sum over words w with the id y of p_w)

    where the p are the softmax of a score of the vocabulary as a whole and of scores
    of the words, which compare them with the features and know how probable each is.

    Args:
        units: Size in which features and words are compared.
        rare_ids: Ids that are only copied.

    Call arguments:
        features: `(rows, time, size)` or `(rows, size)`, with as many rows for each
            image, one after another.
        logits: Of the vocabulary, `(…, vocabulary_size)`.
        word_ids: `(batch, words)`.
        logs: Their log-probabilities, of the same shape.
        entries: Their embeddings, `(batch, words, embedding_dim)`.
        hidden_ids: Ids that are only copied, for this image: `(batch, words)`.

    Returns:
        Log-probabilities, of the shape of the logits.
    """

    def __init__(self, units: int, rare_ids: Sequence[int], **kwargs: Any):
        super().__init__(dtype="float32", **kwargs)
        self.units, self.rare_ids = units, list(rare_ids)

    def build(
        self,
        features_shape: tuple[int | None, ...],
        logits_shape: tuple[int | None, ...],
        word_ids_shape: tuple[int | None, ...],
        logs_shape: tuple[int | None, ...],
        entries_shape: tuple[int | None, ...],
        hidden_ids_shape: tuple[int | None, ...],
    ) -> None:
        self.query_kernel = self.add_weight(
            shape=(features_shape[-1], self.units), name="query_kernel"
        )
        self.key_kernel = self.add_weight(
            shape=(entries_shape[-1], self.units), name="key_kernel"
        )
        self.log_weight = self.add_weight(
            shape=(), initializer="ones", name="log_weight"
        )
        self.vocabulary_kernel = self.add_weight(
            shape=(features_shape[-1], 1), initializer="zeros", name="vocabulary_kernel"
        )
        # At first nearly all is of the vocabulary.
        self.vocabulary_bias = self.add_weight(
            shape=(1,),
            initializer=keras.initializers.Constant(2.0),
            name="vocabulary_bias",
        )
        self.is_rare = np.zeros((logits_shape[-1] or 0,), "float32")
        self.is_rare[self.rare_ids] = 1.0
        self.is_id = np.ones_like(self.is_rare)
        self.is_id[PAD_ID] = 0.0
        self.built = True

    def call(
        self,
        features: Tensor,
        logits: Tensor,
        word_ids: Tensor,
        logs: Tensor,
        entries: Tensor,
        hidden_ids: Tensor,
    ) -> Tensor:
        size = logits.shape[-1]
        prepared = self.prepare(word_ids, logs, entries, hidden_ids, size)
        return self.read(features, logits, prepared)

    def prepare(
        self,
        word_ids: Tensor,
        logs: Tensor,
        entries: Tensor,
        hidden_ids: Tensor,
        size: int,
    ) -> dict[str, Tensor]:
        """What is the same for every step, computed once.

        Args:
            word_ids: These four are as in `call`.
            logs: See `word_ids`.
            entries: See `word_ids`.
            hidden_ids: See `word_ids`.
            size: Of the vocabulary.
        """
        entries = ops.cast(entries, "float32")
        # Words that the vocabulary must not give: (batch, 1, vocabulary_size).
        hidden = ops.one_hot(hidden_ids, size, dtype="float32")
        hidden = ops.max(hidden, axis=1, keepdims=True)
        hidden = hidden * ops.convert_to_tensor(self.is_id)
        hidden = hidden + ops.convert_to_tensor(self.is_rare)
        # What comes of a word, whatever the features: (batch, 1, words).
        added = self.log_weight * logs[:, None]
        return {
            "hidden": NEVER * ops.minimum(hidden, 1.0),
            "keys": ops.transpose(ops.matmul(entries, self.key_kernel), (0, 2, 1)),
            "added": ops.where((word_ids != PAD_ID)[:, None], added, NEVER),
            "forms": ops.one_hot(word_ids, size, dtype="float32"),
        }

    def read(
        self, features: Tensor, logits: Tensor, prepared: dict[str, Tensor]
    ) -> Tensor:
        """As `call`, with what was prepared."""
        features, logits = ops.cast(features, "float32"), ops.cast(logits, "float32")
        shape = ops.shape(logits)
        batch = ops.shape(prepared["added"])[0]
        features = ops.reshape(features, (batch, -1, features.shape[-1]))
        logits = ops.reshape(logits, (batch, -1, logits.shape[-1]))
        of_vocabulary = ops.softmax(logits + prepared["hidden"])
        queries = ops.matmul(features, self.query_kernel) * self.units**-0.5
        scores = ops.matmul(queries, prepared["keys"]) + prepared["added"]
        first = ops.matmul(features, self.vocabulary_kernel) + self.vocabulary_bias
        shares = ops.softmax(ops.concatenate([first, scores], axis=-1))
        copied = ops.matmul(shares[..., 1:], prepared["forms"])
        mixed = ops.log(shares[..., :1] * of_vocabulary + copied + LEAST)
        return ops.reshape(mixed, shape)

    def compute_output_spec(
        self,
        features: keras.KerasTensor,
        logits: keras.KerasTensor,
        *others: keras.KerasTensor,
    ) -> keras.KerasTensor:
        return keras.KerasTensor(logits.shape, "float32")
