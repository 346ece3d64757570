"""Many to many: a sentence in, its translation out."""

from typing import Any

import keras
import numpy as np

from rnnzoo.text import (
    END_ID,
    PAD_ID,
    SubwordTokenizer,
    Vocabulary,
)
from zoo_models.core.raw_data import check_text, is_dataset
from zoo_models.core.text_generator import TextGenerator
from zoo_models.translator.functions import build_attention, build_translation
from zoo_models.translator.network import TranslationNetwork
from zoo_models.translator.preprocessor import PairTokenizer
from zoo_models.translator.raw_pairs import to_pairs

SOURCE_FILE = "vocabulary_source.txt"
TARGET_FILE = "vocabulary_target.txt"
MAX_LENGTH = 100  # pieces of a translation, without a preprocessor that says more


@keras.saving.register_keras_serializable(package="rnnzoo")
class Translator(TextGenerator):
    """Reads a sentence with Elman cells and writes it in another language.

    The encoder is two layers of Elman cells in both directions over the pieces of the
    sentence, the decoder two layers over the pieces written so far. After each of its
    layers the decoder looks at the encoder's states, with attention as a read-out: it
    hands nothing from step to step. Layers are joined by sums and layer
    normalisation; the table that embeds the target's pieces also tells the next one.

    Args:
        source_vocabulary_size: Number of source ids, special tokens included.
        target_vocabulary_size: Number of target ids, special tokens included.
        embedding_dim: Size of an embedding. Default 256.
        encoder_units: Units in each direction of each encoder layer. Default 256.
        units: Units of each decoder layer. Default 512.
        word_dropout: Fraction of the pieces that each text forgets in training: see
            `rnnzoo.layers.WordDropout`. Default 0.02.
        dropout: Dropout rate between layers. Default 0.2.
        preprocessor: A `rnnzoo.PairTokenizer`, or `None` to feed its output,
            int32 arrays with 0 as right padding. Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's
            vocabularies are of other sizes.

    Example:

    ```python
    from rnnzoo import PairTokenizer, Translator
    from rnnzoo.text import SubwordTokenizer, Vocabulary

    tokenizer = PairTokenizer(
        SubwordTokenizer(Vocabulary(["▁a", "▁dog", "."]), lowercase=True),
        SubwordTokenizer(Vocabulary(["▁Ein", "▁Hund", "."])),
    )
    translator = Translator(7, 7, 8, 4, 6, preprocessor=tokenizer)
    translator.fit(["A dog."] * 8, ["Ein Hund."] * 8, epochs=1, verbose=0)
    assert isinstance(translator.generate("A dog.", max_length=5), str)
    ```

    References:
        - Elman, "Finding Structure in Time", 1990.
        - Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align
          and Translate", 2015.
        - Elliott et al., "Multi30K: Multilingual English-German Image Descriptions",
          2016.
    """

    task = "translation of a sentence (many to many)"
    output_name = "translation"

    def __init__(
        self,
        source_vocabulary_size,
        target_vocabulary_size,
        embedding_dim=256,
        encoder_units=256,
        units=512,
        word_dropout=0.02,
        dropout=0.2,
        preprocessor=None,
        **kwargs,
    ):
        sizes = source_vocabulary_size, target_vocabulary_size
        _check_sizes(preprocessor, sizes)

        # === Layers ===
        parts = TranslationNetwork(
            *sizes,
            embedding_dim,
            encoder_units,
            units,
            word_dropout,
            dropout,
            self.recurrent_layer,
        )

        # === Graph ===
        source_ids = keras.Input((None,), dtype="int32", name="source_ids")
        target_ids = keras.Input((None,), dtype="int32", name="target_ids")
        features = parts.decode(target_ids, *parts.encode(source_ids))
        scores = parts.embed_target(features, reverse=True)
        inputs = {"source_ids": source_ids, "target_ids": target_ids}
        super().__init__(inputs, scores, preprocessor, **kwargs)
        self._untracked.parts = parts

        # === Config ===
        self.source_vocabulary_size = source_vocabulary_size
        self.target_vocabulary_size = target_vocabulary_size
        self.embedding_dim = embedding_dim
        self.encoder_units = encoder_units
        self.units = units
        self.word_dropout = word_dropout
        self.dropout = dropout

    def get_config(self):
        return {
            "name": self.name,
            "source_vocabulary_size": self.source_vocabulary_size,
            "target_vocabulary_size": self.target_vocabulary_size,
            "embedding_dim": self.embedding_dim,
            "encoder_units": self.encoder_units,
            "units": self.units,
            "word_dropout": self.word_dropout,
            "dropout": self.dropout,
        }

    def check_input(self, raw, name):
        return check_text(raw, name)

    def predict(self, x, batch_size=None, **kwargs):
        """The scores of the next pieces, for arrays of ids: a translator with its
        preprocessor translates with `generate`."""
        if self.preprocessor is not None and not isinstance(x, dict):
            raise TypeError(
                "`predict` takes a dictionary of `source_ids` and `target_ids`; texts "
                f"are translated by `generate`. Received: {type(x).__name__}"
            )
        return keras.Model.predict(self, x, batch_size=batch_size, **kwargs)

    def _to_dataset(self, data, batch_size, shuffle=False):
        parts = (data,) if is_dataset(data) else tuple(data)
        return to_pairs(
            *(*parts, None, None)[:3],
            batch_size=batch_size,
            shuffle=shuffle,
            tokenizer=self.preprocessor,
            check_input=self.check_input,
        )

    # Translation

    def default_max_length(self):
        tokenizer = self.preprocessor
        return tokenizer.target.max_length if tokenizer else MAX_LENGTH

    def explain(self, source_ids, token_ids):
        """The weights of the decoder's second look, `(target pieces, source pieces)`,
        whose rows have the sum 1, and the pieces."""
        source_ids = source_ids[: np.argmax(source_ids == END_ID) + 1]
        token_ids = token_ids[: np.count_nonzero(token_ids)]
        answer = {
            "attention": self._function("attention")(source_ids, token_ids),
            "source": source_ids,
            "target": token_ids,
        }
        for side in ("source", "target") if self.preprocessor else ():
            tokens = getattr(self.preprocessor, side).vocabulary.tokens
            answer[side] = [tokens[i] for i in answer[side]]
        return answer

    def translate_ids(self, source_ids: Any, max_length: int, num_return: int) -> Any:
        """Translates ids, in `keras.ops`.

        Args:
            source_ids: `(batch, time)`, 0 as right padding.
            max_length: Pieces of a translation at most, the end included.
            num_return: Number of translations for each sentence.

        Returns:
            Ids, `(batch, num_return, max_length)`, and scores,
            `(batch, num_return)`.
        """
        parts = self._untracked.parts
        fixed, states = parts.start(source_ids)

        def step(token_ids, states):
            return parts.step(fixed, token_ids, states)

        return self.sampler(step, states, max_length, num_return)

    def finish(self, source_ids: Any, token_ids: Any, scores: Any) -> Any:
        """Makes texts of what `translate_ids` gave, in TensorFlow ops.

        Returns:
            Texts and scores, both of shape `(batch, num_return)`; the source ids; and
            the ids, `(batch, num_return, max_length)`. The translation of a text
            without a known piece is empty.
        """
        import tensorflow as tf

        max_length = token_ids.shape[-1]
        is_empty = tf.reduce_all(source_ids <= END_ID, axis=1, keepdims=True)
        ended = tf.one_hot(0, max_length, END_ID, PAD_ID, dtype=tf.int32)
        token_ids = tf.where(is_empty[:, :, None], ended, token_ids)
        scores = tf.where(is_empty, 0.0, scores)
        texts = self.preprocessor.target.detokenize(
            tf.reshape(token_ids, [-1, max_length])
        )
        return tf.reshape(texts, tf.shape(scores)), scores, source_ids, token_ids

    def _build_function(self, output):
        if output == "attention":
            return build_attention(self)
        return build_translation(self, *output[1:])

    # Presets and serving

    @classmethod
    def load_preprocessor(cls, folder, config):
        settings = config.get("preprocessor")
        if settings is None:
            return None
        return PairTokenizer(
            SubwordTokenizer(
                Vocabulary.load(folder / SOURCE_FILE), **settings["source"]
            ),
            SubwordTokenizer(
                Vocabulary.load(folder / TARGET_FILE), **settings["target"]
            ),
        )

    def save_preprocessor(self, folder):
        if self.preprocessor is None:
            return None
        source, target = self.preprocessor.source, self.preprocessor.target
        source.vocabulary.save(folder / SOURCE_FILE)
        target.vocabulary.save(folder / TARGET_FILE)
        return {
            name: {"max_length": t.max_length, "lowercase": t.lowercase}
            for name, t in (("source", source), ("target", target))
        }

    def answer(self, raw: Any) -> dict[str, Any]:
        """Translates a batch of texts in a TensorFlow graph.

        Returns:
            `translation` and its `score`, both of shape `(batch,)`.
        """
        source_ids = self.prepare(raw)
        texts, scores, *_ = self.finish(
            source_ids, *self.translate_ids(source_ids, self.default_max_length(), 1)
        )
        return {"translation": texts[:, 0], "score": scores[:, 0]}

    def endpoints(self):
        import tensorflow as tf

        text = tf.TensorSpec([None], tf.string, name="text")
        return {"serving_default": (self.answer, [text])}

    def resources(self):
        tables = [self.preprocessor.source, self.preprocessor.target]
        return [t.vocabulary.table for t in tables] + self.sampler.resources()


def _check_sizes(preprocessor, sizes):
    if preprocessor is None:
        return
    received = tuple(
        len(t.vocabulary) for t in (preprocessor.source, preprocessor.target)
    )
    if received != sizes:
        raise ValueError(
            "`source_vocabulary_size` and `target_vocabulary_size` must be the sizes "
            f"of the preprocessor's vocabularies, {received}. Received: {sizes}"
        )
