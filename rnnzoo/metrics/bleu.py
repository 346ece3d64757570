"""BLEU of translations, by sacreBLEU, in the two forms that are reported."""

import itertools
from collections.abc import Sequence
from typing import Any

# What people wrote for a translation: a text, or several.
References = Sequence[str | Sequence[str]]


def bleu(translations: Sequence[str], references: References, language: str) -> float:
    """BLEU of lower-cased tokens, as the papers on Multi30k report it.

    Both sides are normalised and tokenised as Moses does, by sacremoses, and
    lower-cased; sacreBLEU then counts without tokenising further.

    Args:
        translations: What a model wrote.
        references: What people wrote for each: a text, or several.
        language: Code of the language, such as `de`.

    Returns:
        BLEU, from 0 to 100.

    Raises:
        ImportError: Without the extra `evaluate`.
        ValueError: If there is not a reference for each translation.

    Example:

    ```python
    from rnnzoo.metrics import bleu

    text = "Ein Hund läuft durch das Gras."
    assert bleu([text], [text.upper()], "de") > 99.9
    ```

    References:
        - Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine
          Translation", 2002.
    """
    package, moses = _packages()
    streams = _to_streams(translations, references)
    normalizer = moses.MosesPunctNormalizer(language)
    tokenizer = moses.MosesTokenizer(language)

    def tokens(text: str) -> str:
        text = normalizer.normalize(text)
        return str(tokenizer.tokenize(text, return_str=True, escape=False)).lower()

    # sacreBLEU warns of texts that look tokenised, unless forced: these are.
    score = package.BLEU(tokenize="none", force=True).corpus_score(
        [tokens(text) for text in translations],
        [[text and tokens(text) for text in stream] for stream in streams],
    )
    return float(score.score)


def sacrebleu(translations: Sequence[str], references: References) -> tuple[float, str]:
    """BLEU of the texts as they are, by sacreBLEU's defaults.

    Args:
        translations: What a model wrote.
        references: What people wrote for each: a text, or several.

    Returns:
        BLEU, from 0 to 100, and sacreBLEU's signature of how it was counted.

    Raises:
        ImportError: Without the extra `evaluate`.
        ValueError: If there is not a reference for each translation.

    Example:

    ```python
    from rnnzoo.metrics import sacrebleu

    score, signature = sacrebleu(["Ein Hund läuft."], ["Ein Hund läuft."])
    assert score > 99.9 and "tok:13a" in signature
    ```

    References:
        - Post, "A Call for Clarity in Reporting BLEU Scores", 2018.
    """
    package, _ = _packages()
    streams = _to_streams(translations, references)
    metric = package.BLEU()
    score = metric.corpus_score(list(translations), streams)
    return float(score.score), str(metric.get_signature())


def _packages() -> tuple[Any, Any]:
    try:
        import sacrebleu as package
        import sacremoses
    except ModuleNotFoundError as error:
        raise ImportError(
            "BLEU needs sacrebleu and sacremoses: pip install 'rnnzoo[evaluate]'"
        ) from error
    return package, sacremoses


def _to_streams(
    translations: Sequence[str], references: References
) -> list[list[str | None]]:
    """The first reference of each translation, the second of each, and so on; `None`
    where there are fewer."""
    rows = [[row] if isinstance(row, str) else list(row) for row in references]
    if len(translations) != len(rows) or not all(rows) or not rows:
        raise ValueError(
            "There must be translations, and a reference for each. Received: "
            f"{len(translations)} translations and {sum(map(bool, rows))} references"
        )
    return [list(stream) for stream in itertools.zip_longest(*rows)]
