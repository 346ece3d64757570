"""Many to many: a sentence in, its translation out."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.text import END_ID, PAD_ID, last_emoji, split_sentences
from rnnzoo.text.sentences import MOST_SENTENCES
from zoo_models.core.attention_decoder import AttentionDecoder, attention_of
from zoo_models.core.confidence import (
    NOTHING_KNOWN,
    SCORE,
    Confidence,
    Measured,
    Signal,
    count_words,
    unknown_share,
    weight_of,
)
from zoo_models.core.text_generator import Hypothesis, TextGenerator
from zoo_models.core.types import Json, Raw, Tensor, TFTensor
from zoo_models.translator.network import SourceEncoder
from zoo_models.translator.preprocessor import TranslatorPreprocessor


@keras.saving.register_keras_serializable(package="rnnzoo")
class Translator(TextGenerator):
    """Translates a sentence with Elman cells.

    The encoder is two layers of Elman cells in both directions over the tokens of the
    sentence. The decoder is two layers over the tokens of the translation so far. Each
    decoder layer attends to the encoder outputs, with attention as a read-out: it
    passes nothing from step to step. Sums and layer normalisation join the layers. The
    embedding table of the target is also the output layer.

    Args:
        source_vocabulary_size: Number of source ids, special tokens included.
        target_vocabulary_size: Number of target ids, special tokens included.
        embedding_dim: Size of an embedding. Default 256.
        encoder_units: Units in each direction of each encoder layer. Default 256.
        units: Units of each decoder layer. Default 512.
        word_dropout: Fraction of the tokens that are dropped from a text in training:
            see `rnnzoo.layers.WordDropout`. Default 0.02.
        dropout: Dropout rate between layers. Default 0.2.
        preprocessor: A `rnnzoo.TranslatorPreprocessor`, or `None` to feed its output,
            int32 arrays with 0 as right padding. Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's
            vocabularies have other sizes.

    Example:

    ```python
    from rnnzoo import TranslatorPreprocessor, Translator
    from rnnzoo.text import SubwordTokenizer, Vocabulary

    tokenizer = TranslatorPreprocessor(
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
    answer_name = "translation"
    metric = "bleu"
    preprocessor_class = TranslatorPreprocessor

    def __init__(
        self,
        source_vocabulary_size: int,
        target_vocabulary_size: int,
        embedding_dim: int = 256,
        encoder_units: int = 256,
        units: int = 512,
        word_dropout: float = 0.02,
        dropout: float = 0.2,
        preprocessor: TranslatorPreprocessor | None = None,
        **kwargs: Any,
    ):
        preprocessor = self.preprocessor_class.adopt(
            preprocessor,
            source_vocabulary_size=source_vocabulary_size,
            target_vocabulary_size=target_vocabulary_size,
        )

        # === Layers ===
        encoder = SourceEncoder(
            source_vocabulary_size,
            embedding_dim,
            encoder_units,
            word_dropout,
            dropout,
            self.recurrent_layer,
        )
        decoder = AttentionDecoder(
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
        outputs, mask, summary = encoder.encode(encoder.drop_words(source_ids))
        scores, attention = decoder.decode(
            target_ids, outputs, mask, decoder.begin(summary)
        )
        inputs = {"source_ids": source_ids, "target_ids": target_ids}
        confidence = Confidence(self._signals())
        super().__init__(inputs, scores, confidence, preprocessor, **kwargs)
        self.source_encoder = encoder
        self.attention_decoder = decoder
        self._untracked.attention = keras.Model([source_ids, target_ids], attention)

        self.keep_config(
            source_vocabulary_size=source_vocabulary_size,
            target_vocabulary_size=target_vocabulary_size,
            embedding_dim=embedding_dim,
            encoder_units=encoder_units,
            units=units,
            word_dropout=word_dropout,
            dropout=dropout,
        )

    # Passes

    def encode_inputs(self, inputs: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Returns the encoder outputs, their mask and the decoder's first states, for
        source ids, in `keras.ops`."""
        outputs, mask, summary = self.source_encoder.encode(inputs)
        return outputs, mask, self.attention_decoder.begin(summary)

    def search(
        self, inputs: Tensor, max_length: int, num_return: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        encoded = self.encode_inputs(inputs)
        token_ids, scores = self.attention_decoder.search(
            self.sampler, encoded, max_length, num_return
        )
        if self.inference.preprocessor is not None:
            # The translation of a text without a known token is empty.
            is_empty = ops.all(inputs <= END_ID, axis=1, keepdims=True)
            ended = ops.where(
                ops.arange(max_length, dtype="int32") == 0, END_ID, PAD_ID
            )
            token_ids = ops.where(is_empty[:, :, None], ended, token_ids)
            scores = ops.where(is_empty, 0.0, scores)
        return token_ids, scores, self.confidence.measure(inputs, scores)

    def encode_states(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        outputs, mask, _ = self.source_encoder.encode(inputs)
        return outputs, mask

    def attend(self, source: np.ndarray, token_ids: np.ndarray) -> Json:
        """Returns the second `attention` weights of a translation, `(target tokens,
        source tokens)`, whose rows sum to 1, and the tokens of the `source` and of the
        `target`; their ids without a preprocessor."""
        source = source[: np.argmax(source == END_ID) + 1]
        token_ids = token_ids[: np.count_nonzero(token_ids)]
        weights = attention_of(self._untracked.attention, source, token_ids)
        answer = {"attention": weights, "source": source, "target": token_ids}
        for side in ("source", "target") if self.preprocessor else ():
            vocabulary = getattr(self.preprocessor, side).vocabulary
            answer[side] = vocabulary.names(answer[side])
        return answer

    # Texts of several sentences

    def generate_batch(
        self, batch: list[Raw], *settings: Any
    ) -> list[list[Hypothesis]]:
        """Translates texts, sentence by sentence if the preprocessor splits them."""
        if not self._splits:
            return super().generate_batch(batch, *settings)
        parts = split_sentences(batch)[:, :MOST_SENTENCES].to_list()
        sentences = [sentence for part in parts for sentence in part]
        # Long texts are translated in several batches, which limits the memory.
        size = max(len(batch), MOST_SENTENCES)
        translated: list[list[Hypothesis]] = []
        for start in range(0, len(sentences), size):
            part = sentences[start : start + size]
            translated += super().generate_batch(part, *settings)
        rows, ends = iter(translated), last_emoji(batch).numpy()
        return [
            join_sentences([next(rows) for _ in part], end)
            for part, end in zip(parts, ends, strict=True)
        ]

    def answer(self, raw: TFTensor) -> dict[str, TFTensor]:
        if not self._splits:
            return super().answer(raw)
        import tensorflow as tf

        sentences = split_sentences(raw)[:, :MOST_SENTENCES]
        token_ids, scores, signals = self.search(
            self.preprocessor(sentences.flat_values), self.default_max_length(), 1
        )
        texts = sentences.with_flat_values(self.detokenize(token_ids)[:, 0])
        of_sentences = sentences.with_flat_values(scores[:, 0])
        worst = tf.argmin(of_sentences.to_tensor(default_value=1.0), axis=1)
        signals = tf.gather(signals, sentences.row_starts() + worst)
        score = tf.reduce_mean(of_sentences, axis=1)
        return {
            self.answer_name: tf.strings.strip(
                tf.strings.strip(tf.strings.reduce_join(texts, axis=1, separator=" "))
                + last_emoji(raw)
            ),
            "score": score,
            "confidence": self.confidence.of(signals, tf.exp(score), ops),
        }

    @property
    def _splits(self) -> bool:
        preprocessor: Any = self.inference.preprocessor
        return preprocessor is not None and preprocessor.splits_sentences

    # Confidence

    def _signals(self) -> tuple[Signal, ...]:
        return (
            NOTHING_KNOWN,
            Signal(
                "unknown",
                unknown_share,
                "it does not know many of the letters",
                0.05,
                "high",
            ),
            Signal(
                "pieces",
                self._letters_per_token,
                "it knows few of the words, and takes them apart",
                0.1,
                "low",
            ),
            SCORE,
        )

    def _letters_per_token(self, measured: Measured) -> tuple[Tensor, Tensor]:
        number, _ = count_words(measured.inputs)
        letters = ops.sum(ops.take(self.letters(), measured.inputs), axis=1)
        return letters / ops.maximum(number, 1.0), weight_of(number)

    def letters(self) -> np.ndarray:
        """Returns the number of letters of each source token, 0 for special tokens."""
        lengths = np.zeros(self.source_vocabulary_size, "float32")
        preprocessor: Any = self.inference.preprocessor
        if preprocessor is not None:
            pieces = preprocessor.source.vocabulary.tokens
            lengths[:] = [len(piece) for piece in pieces]
            lengths[: END_ID + 1] = 0.0
        return lengths


def join_sentences(
    sentences: list[list[Hypothesis]], end: bytes = b""
) -> list[Hypothesis]:
    """Joins the translations of a text's sentences, the best first, and copies the
    emoji at its `end`.

    The first translation joins the first ones of the sentences, and so on. Its score is
    the mean of their scores. Its signals are those of the least likely sentence.
    """
    if len(sentences) == 1:
        return [h._replace(text=(h.text + end).strip()) for h in sentences[0]]
    joined = []
    for parts in zip(*sentences, strict=True):
        texts, scores, signals, sources, targets = zip(*parts, strict=True)
        ids = () if sources[0] is None else (join_ids(sources), join_ids(targets))
        text = (b" ".join(texts).strip() + end).strip()
        worst = signals[int(np.argmin(scores))]
        joined.append(Hypothesis(text, np.mean(scores), worst, *ids))
    return joined


def join_ids(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Joins rows of ids without padding, with one end token."""
    kept = [row[(row != PAD_ID) & (row != END_ID)] for row in rows]
    return np.append(np.concatenate(kept), END_ID).astype("int32")
