"""The preprocessor of `Translator`: texts and translations, to ids and back."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from rnnzoo.text import PAD_ID, SubwordTokenizer, Vocabulary
from zoo_models.core.preprocessor import (
    GenerationPreprocessor,
    as_rows,
    pad_for_backend,
)
from zoo_models.core.raw_data import check_text

SOURCE_FILE = "vocabulary_source.txt"
TARGET_FILE = "vocabulary_target.txt"


class PairTokenizer(GenerationPreprocessor):
    """The tokenizers of two languages, as a translator needs them.

    Args:
        source: Tokenizer of the texts to translate.
        target: Tokenizer of the translations.
        splits_sentences: Whether `Translator` takes a text apart at
            `rnnzoo.text.split_sentences`, translates each sentence by itself and puts
            the translations together. Of more than 64 sentences the first 64 are
            read. Default `False`.

    Call arguments:
        batch: Texts to translate, a string tensor or list of shape `(batch,)`.

    Returns:
        Int32 tensor of shape `(batch, time)`: see `SubwordTokenizer`.

    Example:

    ```python
    from rnnzoo import PairTokenizer
    from rnnzoo.text import SubwordTokenizer, Vocabulary

    source = SubwordTokenizer(Vocabulary(["▁a", "▁dog", "."]), lowercase=True)
    target = SubwordTokenizer(Vocabulary(["▁Ein", "▁Hund", "."]))
    inputs, target_ids, weights = PairTokenizer(source, target).pair(
        ["A dog."], ["Ein Hund."]
    )
    assert inputs["source_ids"].numpy().tolist() == [[4, 5, 6, 3]]
    assert inputs["target_ids"].numpy().tolist() == [[2, 4, 5, 6]]
    assert target_ids.numpy().tolist() == [[4, 5, 6, 3]]
    assert weights.numpy().tolist() == [[1, 1, 1, 1]]
    ```
    """

    example = ("text", "translation")

    def __init__(
        self,
        source: SubwordTokenizer,
        target: SubwordTokenizer,
        splits_sentences: bool = False,
    ):
        self.source = source
        self.target = target
        self.splits_sentences = splits_sentences

    @property
    def max_length(self) -> int:  # type: ignore[override]
        """Pieces of a translation at most, the end included."""
        return self.target.max_length

    def check(self, raw: Any, name: str) -> bytes:
        return check_text(raw, name)

    def __call__(self, batch: Any) -> Any:
        return pad_for_backend(self.source(batch), 16)

    def pair(self, sources: Any, targets: Any) -> tuple[dict[str, Any], Any, Any]:
        """What a translator is trained on.

        Args:
            sources: Texts, `(batch,)`.
            targets: Their translations, `(batch,)`.

        Returns:
            Inputs: `source_ids` and, from the start token on, `target_ids`; the ids
            that follow each of the latter; and the weight of each, 0 for padding.
        """
        return teacher_forcing(self.source(sources), self.target(targets, start=True))

    def check_targets(self, targets: Any) -> np.ndarray:
        rows = enumerate(as_rows(targets, "y"))
        return np.array([check_text(text, f"y[{i}]") for i, text in rows], object)

    def teach(self, inputs: Any, *targets: Any) -> Any:
        import tensorflow as tf

        translations, *weight = targets
        network_inputs, expected, weights = teacher_forcing(
            inputs, self.target(translations, start=True)
        )
        for factor in weight:
            weights *= tf.cast(factor, tf.float32)[:, None]
        return network_inputs, expected, weights

    def source_names(self, token_ids: Any) -> list[str]:
        return self.source.vocabulary.names(token_ids)

    def tokenize(self, texts: Any) -> Any:
        """The ids of texts to translate: see `SubwordTokenizer`."""
        return self.source.tokenize(texts)

    def detokenize(self, token_ids: Any) -> Any:
        return self.target.detokenize(token_ids)

    def check_sizes(
        self, source_vocabulary_size: int, target_vocabulary_size: int
    ) -> None:
        """Raises `ValueError` unless the vocabularies are of these sizes."""
        sizes = len(self.source.vocabulary), len(self.target.vocabulary)
        received = source_vocabulary_size, target_vocabulary_size
        if received != sizes:
            raise ValueError(
                "`source_vocabulary_size` and `target_vocabulary_size` must be the "
                f"sizes of the preprocessor's vocabularies, {sizes}. Received: "
                f"{received}"
            )

    @classmethod
    def load(cls, folder: Path, settings: Any, arguments: dict[str, Any]) -> Self:
        source, target = (
            SubwordTokenizer(Vocabulary.load(folder / file), **settings[side])
            for side, file in (("source", SOURCE_FILE), ("target", TARGET_FILE))
        )
        return cls(source, target, settings.get("splits_sentences", False))

    def save(self, folder: Path) -> dict[str, Any]:
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
    source_ids: Any, target_ids: Any
) -> tuple[dict[str, Any], Any, Any]:
    """As `PairTokenizer.pair`, from ids; those of the target have start and end."""
    import tensorflow as tf

    inputs = {"source_ids": source_ids, "target_ids": target_ids[:, :-1]}
    expected = target_ids[:, 1:]
    return inputs, expected, tf.cast(expected != PAD_ID, tf.float32)
