"""A text and its translation, to ids and back."""

from typing import Any

from rnnzoo.text.subword_tokenizer import SubwordTokenizer
from rnnzoo.text.vocabulary import PAD_ID


class PairTokenizer:
    """The tokenizers of two languages, as a translator needs them.

    Args:
        source: Tokenizer of the texts to translate.
        target: Tokenizer of the translations.

    Call arguments:
        texts: Texts to translate, a string tensor or list of shape `(batch,)`.

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

    def __init__(self, source: SubwordTokenizer, target: SubwordTokenizer):
        self.source = source
        self.target = target

    def __call__(self, texts: Any) -> Any:
        return self.source(texts)

    def pair(self, sources: Any, targets: Any) -> tuple[dict[str, Any], Any, Any]:
        """What a translator is trained on.

        Args:
            sources: Texts, `(batch,)`.
            targets: Their translations, `(batch,)`.

        Returns:
            Inputs: `source_ids` and, from the start token on, `target_ids`; the ids to
            be told after each of the latter; and the weight of each, 0 for padding.
        """
        return teacher_forcing(self.source(sources), self.target(targets, start=True))


def teacher_forcing(
    source_ids: Any, target_ids: Any
) -> tuple[dict[str, Any], Any, Any]:
    """As `PairTokenizer.pair`, from ids; those of the target have start and end."""
    import tensorflow as tf

    inputs = {"source_ids": source_ids, "target_ids": target_ids[:, :-1]}
    expected = target_ids[:, 1:]
    return inputs, expected, tf.cast(expected != PAD_ID, tf.float32)
