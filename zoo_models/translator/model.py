"""Many to many: a sentence in, its translation out."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.text import (
    END_ID,
    PAD_ID,
    UNKNOWN_ID,
    last_emoji,
    split_sentences,
)
from rnnzoo.text.sentences import MOST_SENTENCES
from zoo_models.core.attending_decoder import AttendingDecoder
from zoo_models.core.attending_generator import AttendingGenerator
from zoo_models.core.confidence import Signal, stack_signals, weight_of
from zoo_models.core.text_generator import SCORE
from zoo_models.translator.network import SourceEncoder
from zoo_models.translator.preprocessor import PairTokenizer

SIGNALS = (
    Signal("nothing", "it knows none of the words", 0.5, high=True),
    Signal("unknown", "it does not know many of the letters", 0.05, high=True),
    Signal("pieces", "it knows few of the words, and takes them apart", 0.1, low=True),
    SCORE,
)


@keras.saving.register_keras_serializable(package="rnnzoo")
class Translator(AttendingGenerator):
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

    preprocessor_class = PairTokenizer

    def __init__(
        self,
        source_vocabulary_size: int,
        target_vocabulary_size: int,
        embedding_dim: int = 256,
        encoder_units: int = 256,
        units: int = 512,
        word_dropout: float = 0.02,
        dropout: float = 0.2,
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        if preprocessor is not None:
            preprocessor = self.preprocessor_class.adopt(preprocessor)
            preprocessor.check_sizes(source_vocabulary_size, target_vocabulary_size)

        # === Layers ===
        encoder = SourceEncoder(
            source_vocabulary_size,
            embedding_dim,
            encoder_units,
            word_dropout,
            dropout,
            self.recurrent_layer,
        )
        decoder = AttendingDecoder(
            target_vocabulary_size,
            embedding_dim,
            units,
            2 * encoder_units,
            word_dropout,
            dropout,
            self.recurrent_layer,
            prefix="target_",
            input_name="target",
        )

        # === Graph ===
        source_ids = keras.Input((None,), dtype="int32", name="source_ids")
        target_ids = keras.Input((None,), dtype="int32", name="target_ids")
        memory, mask, summary = encoder.read(source_ids)
        scores, attention = decoder.decode(
            target_ids, memory, mask, decoder.begin(summary)
        )
        inputs = {"source_ids": source_ids, "target_ids": target_ids}
        super().__init__(inputs, scores, decoder, attention, preprocessor, **kwargs)
        self._untracked.encoder = encoder

        # === Config ===
        self.source_vocabulary_size = source_vocabulary_size
        self.target_vocabulary_size = target_vocabulary_size
        self.embedding_dim = embedding_dim
        self.encoder_units = encoder_units
        self.units = units
        self.word_dropout = word_dropout
        self.dropout = dropout

    def get_config(self) -> dict[str, Any]:
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

    @property
    def source_encoder(self) -> SourceEncoder:
        """What reads."""
        return self._untracked.encoder

    def read(self, inputs: Any) -> tuple[Any, Any, list[Any]]:
        memory, mask, summary = self.source_encoder.read(inputs)
        return memory, mask, self.attending_decoder.begin(summary)

    def write(self, inputs: Any, max_length: int, num_return: int) -> tuple[Any, Any]:
        """As for all generators; the translation of a text without a known piece is
        empty."""
        token_ids, scores = super().write(inputs, max_length, num_return)
        if self.preprocessor is None:
            return token_ids, scores
        is_empty = ops.all(inputs <= END_ID, axis=1, keepdims=True)
        ended = ops.where(ops.arange(max_length) == 0, END_ID, PAD_ID)
        token_ids = ops.where(is_empty[:, :, None], ended, token_ids)
        return token_ids, ops.where(is_empty, 0.0, scores)

    # Texts of several sentences

    def build_function(self, output: Any) -> Callable[..., Any]:
        """As for all generators; a text that is to be taken apart is written sentence
        by sentence."""
        write = super().build_function(output)
        if output[0] != "generate" or not self._splits:
            return write

        def write_sentences(batch: list[bytes]) -> list[Any]:
            parts = split_sentences(batch)[:, :MOST_SENTENCES].to_list()
            sentences = [sentence for part in parts for sentence in part]
            # A text of many is not to take all memory.
            size = max(len(batch), MOST_SENTENCES)
            rows = iter(
                [
                    row
                    for start in range(0, len(sentences), size)
                    for row in write(sentences[start : start + size])
                ]
            )
            ends = last_emoji(batch).numpy()
            return [
                join_written([next(rows) for _ in part], end)
                for part, end in zip(parts, ends, strict=True)
            ]

        return write_sentences

    def answer_with_confidence(self, raw: Any) -> dict[str, Any]:
        if not self._splits:
            return super().answer_with_confidence(raw)
        import tensorflow as tf

        sentences = split_sentences(raw)[:, :MOST_SENTENCES]
        token_ids, scores, values = self.examine(
            self.preprocessor(sentences.flat_values), self.default_max_length(), 1
        )
        texts = sentences.with_flat_values(self.to_texts(token_ids)[:, 0])
        of_sentences = sentences.with_flat_values(scores[:, 0])
        worst = tf.argmin(of_sentences.to_tensor(default_value=1.0), axis=1)
        values = tf.gather(values, sentences.row_starts() + worst)
        score = tf.reduce_mean(of_sentences, axis=1)
        return {
            self.answer_name: tf.strings.strip(
                tf.strings.strip(tf.strings.reduce_join(texts, axis=1, separator=" "))
                + last_emoji(raw)
            ),
            "score": score,
            "confidence": self.confidence_of(values, tf.exp(score)),
        }

    @property
    def _splits(self) -> bool:
        return self.preprocessor is not None and self.preprocessor.splits_sentences

    # Confidence

    @property
    def signals(self) -> tuple[Signal, ...]:
        return SIGNALS

    def signal_values(self, inputs: Any, scores: Any) -> Any:
        def count(is_it: Any) -> Any:
            return ops.sum(ops.cast(is_it, "float32"), axis=1)

        number = count((inputs != PAD_ID) & (inputs != END_ID))
        unknown = count(inputs == UNKNOWN_ID)
        several = ops.maximum(number, 1.0)
        letters = ops.sum(ops.take(self.letters(), inputs), axis=1)
        return stack_signals(
            [
                (unknown >= number, 1.0),
                (unknown / several, weight_of(number)),
                (letters / several, weight_of(number)),
                (ops.max(scores, axis=1), 1.0),
            ]
        )

    def letters(self) -> np.ndarray:
        """How many letters each source piece has; 0 for special tokens."""
        lengths = np.zeros(self.source_vocabulary_size, "float32")
        if self.preprocessor is not None:
            pieces = self.preprocessor.source.vocabulary.tokens
            lengths[:] = [len(piece) for piece in pieces]
            lengths[: END_ID + 1] = 0.0
        return lengths

    def explain(self, inputs: Any, token_ids: Any) -> dict[str, Any]:
        """The weights of the decoder's second look, `(target pieces, source pieces)`,
        whose rows have the sum 1, and the pieces."""
        source_ids = inputs[: np.argmax(inputs == END_ID) + 1]
        token_ids = token_ids[: np.count_nonzero(token_ids)]
        answer = {
            "attention": self.function("attention")(source_ids, token_ids),
            "source": source_ids,
            "target": token_ids,
        }
        for side in ("source", "target") if self.preprocessor else ():
            tokens = getattr(self.preprocessor, side).vocabulary.tokens
            answer[side] = [tokens[i] for i in answer[side]]
        return answer


def join_written(sentences: list[list[Any]], end: bytes = b"") -> list[tuple[Any, ...]]:
    """What was written for a text, from what was for each of its sentences.

    Args:
        sentences: For each sentence its translations, the best first: text, score, ids
            that were read and written if they are wanted, and the values of the
            signals.
        end: What is put behind the text: emoji, which are not translated. Default:
            nothing.

    Returns:
        The same for the text. Its first translation is made of the first ones, and so
        on; the score is their mean, the signals are those of the least likely sentence.
    """
    if len(sentences) == 1:
        return [((text + end).strip(), *rest) for text, *rest in sentences[0]]
    joined = []
    for parts in zip(*sentences, strict=True):
        texts, scores, *ids, values = zip(*parts, strict=True)
        joined.append(
            (
                (b" ".join(texts).strip() + end).strip(),
                np.mean(scores),
                *map(join_ids, ids),
                values[int(np.argmin(scores))],
            )
        )
    return joined


def join_ids(rows: Any) -> np.ndarray:
    """Ids after one another, without padding, with one end."""
    kept = [row[(row != PAD_ID) & (row != END_ID)] for row in rows]
    return np.append(np.concatenate(kept), END_ID).astype("int32")
