"""What explains a caption: where was looked for each word."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from rnnzoo.analysis import Explanation, ImageAttention
from rnnzoo.text import START_ID
from zoo_models.core.explaining import Probe, cut
from zoo_models.core.types import Raw
from zoo_models.image_captioner.model import ImageCaptioner


def prepare(
    model: ImageCaptioner, raws: Sequence[Raw]
) -> tuple[dict[str, Any], list[list[str]]]:
    """Pixels and the words of the model's own captions, and these in words."""
    pixels = model.preprocess(raws)
    captions = _captions(model, raws)
    ids = np.zeros((len(raws), 1, max(map(len, captions))), "int32")
    for row, caption in zip(ids, captions, strict=True):
        row[0, : len(caption)] = caption
    names = model.preprocessor.captions.vocabulary.tokens
    tokens = [[names[i] for i in caption] for caption in captions]
    return {"pixels": pixels, "token_ids": ids}, tokens


def _captions(model: ImageCaptioner, raws: Sequence[Raw]) -> list[list[int]]:
    """Ids of what the model writes, from the start token to the last word."""
    names = model.preprocessor.captions.vocabulary.tokens
    numbers = {name: i for i, name in enumerate(names)}
    answers = model.generate(list(raws), return_attention=True, verbose=0)
    return [[START_ID, *(numbers[w] for w in a["words"][:-1])] for a in answers]


def explain(model: ImageCaptioner, raw: Raw) -> Explanation:
    """Where the decoder looked for each word of the caption."""
    answer = model.generate(raw, return_attention=True)
    image = model.preprocess([raw])[0]
    attention = ImageAttention(answer["attention"], tuple(answer["words"]), image)
    return Explanation(
        model.preset or model.name, answer[model.answer_name], (attention,)
    )


def probe(model: ImageCaptioner, raws: Sequence[Raw]) -> Probe:
    """Words that were written are exchanged; the probabilities of the next are looked
    at."""
    captions = _captions(model, raws)
    chosen, length = cut(captions)
    pixels = model.preprocess([raws[i] for i in chosen])
    seen = model.decoder_inputs(model.encoder(pixels, training=False))
    seen = {name: np.asarray(values) for name, values in seen.items()}
    decoder = model.decoder()

    def predict(token_ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
        inputs = {name: values[rows] for name, values in seen.items()}
        inputs["token_ids"] = token_ids[:, None]
        scores = decoder(inputs, training=False)[:, 0, -1]
        return np.asarray(ops.softmax(scores))

    ids = np.array([captions[i][:length] for i in chosen], "int32")
    return Probe(predict, ids, 0, "words", "probabilities of the next word")
