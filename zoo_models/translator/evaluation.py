"""BLEU of a `Translator`, and the examples that it is measured on."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from rnnzoo.datasets import find_pair
from rnnzoo.metrics import bleu, sacrebleu
from zoo_models.core.types import Json
from zoo_models.translator.model import Translator


def reader(
    builder: Any, settings: Json, model: Translator
) -> Callable[[Any], tuple[Any, Any, str]]:
    """A function from an example of a data set to the text, its translation or
    translations, and the language of these.

    Args:
        builder: The TFDS builder.
        settings: Names of the features `source` and `target`, where needed.
        model: The translator.
    """
    source, target = find_pair(builder, settings.get("source"), settings.get("target"))
    return lambda example: (example[source], example[target], target)


def measure(model: Translator, examples: Iterable[tuple[Any, Any, Any]]) -> Json:
    """The metrics of a translator on texts and the translations of each.

    Returns:
        `bleu`, of lower-cased tokens, and `sacrebleu`, of the texts as they are, both
        from 0 to 100, with the signature of the latter.
    """
    sources, targets, languages = zip(*examples, strict=True)
    translations = model.generate(list(sources))
    references = [[text.decode() for text in np.atleast_1d(some)] for some in targets]
    cased, signature = sacrebleu(translations, references)
    return {
        "bleu": bleu(translations, references, languages[0].decode()),
        "sacrebleu": cased,
        "sacrebleu_signature": signature,
    }
