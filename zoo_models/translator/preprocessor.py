"""The preprocessor of `Translator`: texts and translations, to ids and back."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from rnnzoo.text import PAD_ID, SubwordTokenizer, Vocabulary
from zoo_models.core.preprocessor import (
    Preprocessor,
    as_rows,
    check_text,
)
from zoo_models.core.types import Json, Targets, TFTensor

SOURCE_FILE = "vocabulary_source.txt"
TARGET_FILE = "vocabulary_target.txt"


class TranslatorPreprocessor(Preprocessor):
    """The tokenizers of a translator's two languages.

    Args:
        source: Tokenizer of the texts to translate.
        target: Tokenizer of the translations.
        splits_sentences: Whether `Translator` splits a text with
            `rnnzoo.text.split_sentences`, translates each sentence alone and joins the
            translations. It translates the first 64 sentences of a text. Default
            `False`.

    Call arguments:
        batch: Texts to translate, a string tensor or list of shape `(batch,)`.

    Returns:
        Int32 tensor of shape `(batch, time)`: see `SubwordTokenizer`.

    Example:

    ```python
    from rnnzoo import TranslatorPreprocessor
    from rnnzoo.text import SubwordTokenizer, Vocabulary

    source = SubwordTokenizer(Vocabulary(["▁a", "▁dog", "."]), lowercase=True)
    target = SubwordTokenizer(Vocabulary(["▁Ein", "▁Hund", "."]))
    preprocessor = TranslatorPreprocessor(source, target)
    assert preprocessor(["A dog."]).numpy().tolist() == [[4, 5, 6, 3]]
    ```
    """

    example = ("text", "translation")
    needs_targets = True

    def __init__(
        self,
        source: SubwordTokenizer,
        target: SubwordTokenizer,
        splits_sentences: bool = False,
    ):
        self.source = self.tokenizer = source
        self.target = target
        self.splits_sentences = splits_sentences
        self.max_length = target.max_length
        self.detokenize = target.detokenize

    def check_targets(self, targets: Targets) -> np.ndarray:
        rows = enumerate(as_rows(targets, "y"))
        return np.array([check_text(text, f"y[{i}]") for i, text in rows], object)

    def to_training(self, inputs: TFTensor, *targets: TFTensor) -> tuple[TFTensor, ...]:
        import tensorflow as tf

        translations, *weight = targets
        network_inputs, expected, weights = teacher_forcing(
            inputs, self.target(translations, start=True)
        )
        for factor in weight:
            weights *= tf.cast(factor, tf.float32)[:, None]
        return network_inputs, expected, weights

    def sizes(self) -> Json:
        return {
            "source_vocabulary_size": len(self.source.vocabulary),
            "target_vocabulary_size": len(self.target.vocabulary),
        }

    @classmethod
    def load(cls, folder: Path, settings: Json, arguments: Json) -> Self:
        source, target = (
            SubwordTokenizer(Vocabulary.load(folder / file), **settings[side])
            for side, file in (("source", SOURCE_FILE), ("target", TARGET_FILE))
        )
        return cls(source, target, settings.get("splits_sentences", False))

    def save(self, folder: Path) -> Json:
        self.source.vocabulary.save(folder / SOURCE_FILE)
        self.target.vocabulary.save(folder / TARGET_FILE)
        sides: dict[str, Any] = {
            side: {
                "max_length": t.max_length,
                "lowercase": t.lowercase,
                **({"spells": True} if t.spells else {}),
            }
            for side, t in (("source", self.source), ("target", self.target))
        }
        if self.splits_sentences:
            sides["splits_sentences"] = True
        return sides

    def resources(self) -> list[Any]:
        return [self.source.vocabulary.table, self.target.vocabulary.table]


def teacher_forcing(
    source_ids: TFTensor, target_ids: TFTensor
) -> tuple[dict[str, TFTensor], TFTensor, TFTensor]:
    """Returns a batch to train a translator on, from ids with start and end tokens.

    The inputs are `source_ids` and, from the start token on, `target_ids`. The targets
    are the ids that follow these, each with a weight, 0 for padding.
    """
    import tensorflow as tf

    inputs = {"source_ids": source_ids, "target_ids": target_ids[:, :-1]}
    expected = target_ids[:, 1:]
    return inputs, expected, tf.cast(expected != PAD_ID, tf.float32)
