"""Explains a translation: attention, and gradients of each piece."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from rnnzoo.analysis import Attention, gradient_map
from rnnzoo.text import PAD_ID
from zoo_models.core.explaining import Probe, cut, generate_ids, pad
from zoo_models.core.types import Json, Raw, Tensor
from zoo_models.translator.model import Translator


def prepare(
    model: Translator, raws: Sequence[Raw]
) -> tuple[Json, dict[str, list[list[str]]]]:
    """Returns the ids of sentences and of the model's translations, and the pieces."""
    source_ids, target_ids = model.preprocess(raws), pad(_generate_ids(model, raws))
    source, target = (
        [side.vocabulary.names(row[row != PAD_ID]) for row in rows]
        for side, rows in (
            (model.preprocessor.source, source_ids),
            (model.preprocessor.target, target_ids),
        )
    )
    inputs = {"source_ids": source_ids, "target_ids": target_ids}
    return inputs, {"encoder": source, "decoder": target}


def _generate_ids(model: Translator, raws: Sequence[Raw]) -> list[list[int]]:
    return generate_ids(model, raws, model.preprocessor.target.vocabulary, "target")


def explain(model: Translator, raw: Raw) -> tuple[str, list[Any]]:
    """Returns the translation, its attention, and the gradients of each piece."""
    answer = model.generate(raw, return_attention=True)
    source, target = tuple(answer["source"]), tuple(answer["target"])
    inputs, tokens = prepare(model, [raw])
    names = model.preprocessor.target.vocabulary.tokens
    written = np.array([names.index(piece) for piece in target])

    def score(scores: Tensor) -> Tensor:
        # In row k the score of the k-th piece.
        steps = ops.one_hot(np.arange(len(written)), scores.shape[1], dtype="float32")
        own = ops.one_hot(written, len(names), dtype="float32")
        chosen = steps[:, :, None] * own[:, None]
        return ops.sum(chosen * ops.log_softmax(scores), axis=(1, 2))

    maps = gradient_map(model, inputs, score, target, tokens)
    attention = Attention(answer["attention"], target, source)
    return answer[model.answer_name], [attention, *maps]


def probe(model: Translator, raws: Sequence[Raw]) -> Probe:
    """Replaces pieces of the translation; the output is the probabilities of the next
    piece."""
    translations = _generate_ids(model, raws)
    chosen, length = cut(translations)
    source_ids = model.preprocess([raws[i] for i in chosen])

    def predict(target_ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
        inputs = {"source_ids": source_ids[rows], "target_ids": target_ids}
        return np.asarray(ops.softmax(model(inputs, training=False)[:, -1]))

    ids = np.array([translations[i][:length] for i in chosen], "int32")
    return Probe(predict, ids, 0, "pieces", "probabilities of the next piece")
