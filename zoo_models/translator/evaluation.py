"""BLEU of a translator on the test splits of a data set."""

from typing import Any

from rnnzoo.datasets import find_pair
from rnnzoo.metrics import bleu, sacrebleu


def evaluate_translator(
    model: Any,
    builder: Any,
    split: str | None,
    settings: dict[str, Any],
    limit: int | None,
) -> list[dict[str, Any]]:
    """Measures a translator as `evaluate_preset` describes.

    Args:
        model: The translator.
        builder: The TFDS builder.
        split: Split of the data set. Default: all whose name begins with `test`.
        settings: What the preset says of its data set.
        limit: Number of examples of a split at most, or `None`.

    Returns:
        A result for each split; `bleu` is that of lower-cased tokens, `sacrebleu` that
        of the texts as they are, both from 0 to 100.

    Raises:
        ValueError: If the split is not there.
    """
    splits = [s for s in builder.info.splits if split in (s, None)]
    if split is None:
        splits = [s for s in splits if s.startswith("test")]
    if not splits:
        raise ValueError(
            f"The split of {builder.name} must be one of {list(builder.info.splits)}. "
            f"Received: {split!r}"
        )
    source, target = find_pair(builder, settings.get("source"), settings.get("target"))
    version = str(builder.version)
    results = []
    for name in splits:
        examples = builder.as_dataset(split=name)
        examples = examples if limit is None else examples.take(limit)
        pairs = [(e[source], e[target]) for e in examples.as_numpy_iterator()]
        translations = model.generate([text for text, _ in pairs])
        references = [text.decode() for _, text in pairs]
        cased, signature = sacrebleu(translations, references)
        results.append(
            {
                "preset": model.preset,
                "dataset": builder.info.full_name.replace("/" + version, ":" + version),
                "split": name,
                "num_examples": len(pairs),
                "metrics": {
                    "bleu": bleu(translations, references, target),
                    "sacrebleu": cased,
                    "sacrebleu_signature": signature,
                },
            }
        )
    return results
