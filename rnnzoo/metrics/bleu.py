"""BLEU of translations, by sacreBLEU, in the two forms that are reported."""

from collections.abc import Sequence
from typing import Any


def bleu(
    translations: Sequence[str], references: Sequence[str], language: str
) -> float:
    """BLEU of lower-cased tokens, as the papers on Multi30k report it.

    Both sides are normalised and tokenised as Moses does, by sacremoses, and
    lower-cased; sacreBLEU then counts without tokenising further.

    Args:
        translations: What a model wrote.
        references: What a person wrote for each.
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
    _check(translations, references)
    normalizer = moses.MosesPunctNormalizer(language)
    tokenizer = moses.MosesTokenizer(language)

    def tokens(text: str) -> str:
        text = normalizer.normalize(text)
        return str(tokenizer.tokenize(text, return_str=True, escape=False)).lower()

    # sacreBLEU warns of texts that look tokenised, unless forced: these are.
    score = package.BLEU(tokenize="none", force=True).corpus_score(
        [tokens(text) for text in translations], [[tokens(text) for text in references]]
    )
    return float(score.score)


def sacrebleu(
    translations: Sequence[str], references: Sequence[str]
) -> tuple[float, str]:
    """BLEU of the texts as they are, by sacreBLEU's defaults.

    Args:
        translations: What a model wrote.
        references: What a person wrote for each.

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
    _check(translations, references)
    metric = package.BLEU()
    score = metric.corpus_score(list(translations), [list(references)])
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


def _check(translations: Sequence[str], references: Sequence[str]) -> None:
    if len(translations) != len(references) or not len(references):
        raise ValueError(
            "There must be translations, and a reference for each. Received: "
            f"{len(translations)} translations and {len(references)} references"
        )
