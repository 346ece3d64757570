"""What explains a translation: attention, and how much each piece made the next."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from rnnzoo.analysis import Attention, Explanation, gradient_map
from rnnzoo.text import START_ID
from zoo_models.core.explaining import Probe, cut
from zoo_models.core.types import Raw
from zoo_models.translator.model import Translator


def prepare(
    model: Translator, raws: Sequence[Raw]
) -> tuple[dict[str, Any], dict[str, list[list[str]]]]:
    """Ids of the sentences and of the model's own translations, and the pieces."""
    source_ids = model.preprocess(raws)
    targets = _translations(model, raws)
    target_ids = np.zeros((len(raws), max(map(len, targets))), "int32")
    for row, target in zip(target_ids, targets, strict=True):
        row[: len(target)] = target
    sources = [row[row != 0] for row in source_ids]
    tokens = {
        "encoder": _names(model.preprocessor.source, sources),
        "decoder": _names(model.preprocessor.target, targets),
    }
    return {"source_ids": source_ids, "target_ids": target_ids}, tokens


def _names(tokenizer: Any, rows: Sequence[Any]) -> list[list[str]]:
    return [[tokenizer.vocabulary.tokens[i] for i in row] for row in rows]


def _translations(model: Translator, raws: Sequence[Raw]) -> list[list[int]]:
    """Ids of what the model writes, from the start token to the last piece."""
    names = model.preprocessor.target.vocabulary.tokens
    numbers = {name: i for i, name in enumerate(names)}
    answers = model.generate(list(raws), return_attention=True, verbose=0)
    return [[START_ID, *(numbers[p] for p in a["target"][:-1])] for a in answers]


def explain(model: Translator, raw: Raw) -> Explanation:
    """What the decoder looked at, and how much each piece of the sentence, and of the
    translation so far, made the next one."""
    answer = model.generate(raw, return_attention=True)
    attention = Attention(
        answer["attention"], tuple(answer["target"]), tuple(answer["source"])
    )
    inputs, tokens = prepare(model, [raw])
    names = model.preprocessor.target.vocabulary.tokens
    written = np.array([names.index(piece) for piece in answer["target"]])

    def target(scores: Any) -> Any:
        # In row k the score of the k-th piece.
        own = ops.one_hot(np.arange(len(written)), scores.shape[1], dtype="float32")
        own = (
            own[:, :, None] * ops.one_hot(written, len(names), dtype="float32")[:, None]
        )
        return ops.sum(own * ops.log_softmax(scores), axis=(1, 2))

    maps = gradient_map(model, inputs, target, answer["target"], tokens)
    return Explanation(
        model.preset or model.name, answer[model.answer_name], (attention, *maps)
    )


def probe(model: Translator, raws: Sequence[Raw]) -> Probe:
    """Pieces that were written are exchanged; the probabilities of the next are looked
    at."""
    translations = _translations(model, raws)
    chosen, length = cut(translations)
    source_ids = model.preprocess([raws[i] for i in chosen])

    def predict(target_ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
        inputs = {"source_ids": source_ids[rows], "target_ids": target_ids}
        return np.asarray(ops.softmax(model(inputs, training=False)[:, -1]))

    ids = np.array([translations[i][:length] for i in chosen], "int32")
    return Probe(predict, ids, 0, "pieces", "probabilities of the next piece")
