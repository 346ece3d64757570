"""BLEU of a `Translator`, and the examples that it is measured on."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from rnnzoo.datasets import find_pair
from rnnzoo.metrics import bleu, sacrebleu
from zoo_models.core.types import Json, Raw
from zoo_models.translator.model import Translator


def reader(
    builder: Any, settings: Json, model: Translator
) -> Callable[[Json], tuple[Raw, Raw, str]]:
    """Returns a function from an example to the text, its translations and their
    language."""
    source, target = find_pair(builder, settings.get("source"), settings.get("target"))
    return lambda example: (example[source], example[target], target)


def measure(model: Translator, examples: Iterable[tuple[Raw, Raw, Raw]]) -> Json:
    """Returns `bleu`, of lower-cased tokens, and `sacrebleu`, of the texts as they are,
    both from 0 to 100, with the `sacrebleu_signature`."""
    sources, targets, languages = zip(*examples, strict=True)
    translations = model.generate(list(sources))
    references = [[text.decode() for text in np.atleast_1d(some)] for some in targets]
    cased, signature = sacrebleu(translations, references)
    return {
        "bleu": bleu(translations, references, languages[0].decode()),
        "sacrebleu": cased,
        "sacrebleu_signature": signature,
    }
