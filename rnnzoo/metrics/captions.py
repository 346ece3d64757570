"""Caption metrics: BLEU, ROUGE-L and CIDEr-D, as coco-caption counts them."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from rnnzoo.metrics.caption_tokens import caption_tokens
from rnnzoo.metrics.cider import MAX_ORDER, CiderD, NGrams, count_ngrams

Tokens = list[str]

ROUGE_BETA = 1.2  # coco-caption's


def caption_metrics(
    candidates: Sequence[str], references: Sequence[Sequence[str]]
) -> dict[str, float]:
    """Scores captions as coco-caption does, without Java.

    Texts are cut into words by `caption_tokens`. BLEU is that of all captions
    together, against the reference nearest in length (the shorter of two); its
    smoothing of zero counts is coco-caption's. ROUGE-L is the mean over images of the
    F-measure (β = 1.2) of the best precision and the best recall. CIDEr-D is the mean
    over images, with document frequencies counted on these references: it depends on
    the set, and is 0 for a single image.

    Args:
        candidates: One caption for each image.
        references: For each image what people wrote, one text or more.

    Returns:
        `bleu_1`, `bleu_2`, `bleu_3`, `bleu_4`, `rouge_l` from 0 to 100 and `cider`
        from 0 to 1000: coco-caption's figures times 100.

    Raises:
        ValueError: If there is no candidate, or not a list of references for each, or
            one of these is empty, or what should be a text is not.

    Example:

    ```python
    from rnnzoo.metrics import caption_metrics

    metrics = caption_metrics(
        ["A dog runs.", "Two girls."],
        [["A dog runs through grass.", "The dog is running."], ["Two girls sing."]],
    )
    assert round(metrics["bleu_1"], 1) == 67.0
    assert round(metrics["rouge_l"], 1) == 74.5
    ```

    References:
        - Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine
          Translation", 2002.
        - Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004.
        - Vedantam et al., "CIDEr: Consensus-based Image Description Evaluation",
          2015.
        - Chen et al., "Microsoft COCO Captions: Data Collection and Evaluation
          Server", 2015.
    """
    _check_texts("candidates", candidates)
    if len(references) != len(candidates):
        raise ValueError(
            "There must be a list of references for each candidate. Received: "
            f"{len(candidates)} candidates and {len(references)} lists of references"
        )
    for i, texts in enumerate(references):
        _check_texts(f"references[{i}]", texts)
    hypotheses = [caption_tokens(text) for text in candidates]
    truths = [[caption_tokens(text) for text in texts] for texts in references]
    grams = [count_ngrams(tokens) for tokens in hypotheses]
    true_grams = [[count_ngrams(tokens) for tokens in texts] for texts in truths]

    bleu = corpus_bleu(hypotheses, truths, grams, true_grams)
    metrics = {f"bleu_{order}": bleu[order - 1] for order in range(1, MAX_ORDER + 1)}
    metrics["rouge_l"] = _mean(map(rouge_l, hypotheses, truths))
    metrics["cider"] = _mean(map(CiderD(true_grams).score, grams, range(len(grams))))
    return {name: 100 * value for name, value in metrics.items()}


def caption_variety(captions: Sequence[str]) -> dict[str, float]:
    """How many different captions there are, and of how many words.

    A model that says one sentence for every image can score well and is no captioner.

    Args:
        captions: One caption for each image.

    Returns:
        `distinct_captions`, how many differ in more than case and punctuation, and
        `mean_length`, in words without punctuation.

    Raises:
        ValueError: If there is no caption, or one is not a text.

    Example:

    ```python
    from rnnzoo.metrics import caption_variety

    variety = caption_variety(["A dog runs.", "a dog runs", "Two girls."])
    assert variety["distinct_captions"] == 2
    assert round(variety["mean_length"], 2) == 2.67
    ```
    """
    _check_texts("captions", captions)
    tokens = [tuple(caption_tokens(text)) for text in captions]
    return {
        "distinct_captions": len(set(tokens)),
        "mean_length": _mean(map(len, tokens)),
    }


def corpus_bleu(
    hypotheses: Sequence[Tokens],
    truths: Sequence[Sequence[Tokens]],
    grams: Sequence[list[NGrams]],
    true_grams: Sequence[Sequence[list[NGrams]]],
) -> list[float]:
    """BLEU of all captions together, from one to four words."""
    length = sum(map(len, hypotheses))
    nearest = sum(
        min((abs(len(truth) - len(tokens)), len(truth)) for truth in texts)[1]
        for tokens, texts in zip(hypotheses, truths, strict=True)
    )
    # What coco-caption adds: nothing found is nearly 0, nothing looked for 1e-6.
    ratio = (length + 1e-15) / (nearest + 1e-9)
    brevity = 1.0 if ratio >= 1 else math.exp(1 - 1 / ratio)
    scores, product = [], 1.0
    for order in range(MAX_ORDER):
        total = sum(counts[order].total() for counts in grams)
        found = sum(
            min(count, max(truth[order][gram] for truth in texts))
            for counts, texts in zip(grams, true_grams, strict=True)
            for gram, count in counts[order].items()
        )
        product *= (found + 1e-15) / (total + 1e-9)
        scores.append(brevity * product ** (1 / (order + 1)))
    return scores


def rouge_l(tokens: Tokens, truths: Sequence[Tokens]) -> float:
    """The F-measure of the longest common subsequence."""
    # To coco-caption a caption without words is one empty word.
    tokens = tokens or [""]
    lengths = longest_common(tokens, [truth or [""] for truth in truths])
    precision = max(lengths) / len(tokens)
    recall = max(
        length / max(1, len(truth))
        for length, truth in zip(lengths, truths, strict=True)
    )
    if not precision:
        return 0.0
    weight = ROUGE_BETA**2
    return (1 + weight) * precision * recall / (recall + weight * precision)


def longest_common(tokens: Tokens, others: Sequence[Tokens]) -> list[int]:
    """The length of the longest common subsequence with each of some others.

    A bit of `rest` is a place in `tokens`, 0 once the subsequence grows there: a word
    costs an addition, not a row of a table (Hyyrö, "Bit-Parallel LCS-length
    Computation Revisited", 2004).
    """
    places: Counter[str] = Counter()
    for i, token in enumerate(tokens):
        places[token] |= 1 << i
    full = (1 << len(tokens)) - 1
    lengths = []
    for other in others:
        rest = full
        for token in other:
            common = rest & places[token]
            rest = (rest + common | rest - common) & full
        lengths.append(len(tokens) - rest.bit_count())
    return lengths


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)


def _check_texts(name: str, texts: Sequence[str]) -> None:
    if isinstance(texts, str | bytes) or not len(texts):
        received = repr(texts) if isinstance(texts, str | bytes) else "none"
        raise ValueError(f"{name} must be a list of texts. Received: {received}")
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"{name}[{i}] must be a text. Received: {text!r}")
