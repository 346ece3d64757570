"""Explains a caption: the attention of each word."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from rnnzoo.analysis import ImageAttention
from zoo_models.core.explaining import Probe, cut, generate_ids, pad
from zoo_models.core.types import Json, Raw
from zoo_models.image_captioner.model import ImageCaptioner


def prepare(model: ImageCaptioner, raws: Sequence[Raw]) -> tuple[Json, list[list[str]]]:
    """Returns pixels and the ids of the model's captions, and the words of these."""
    captions = _generate_ids(model, raws)
    names = model.preprocessor.captions.vocabulary.names
    inputs = {"pixels": model.preprocess(raws), "token_ids": pad(captions)[:, None]}
    return inputs, [names(caption) for caption in captions]


def _generate_ids(model: ImageCaptioner, raws: Sequence[Raw]) -> list[list[int]]:
    return generate_ids(model, raws, model.preprocessor.captions.vocabulary, "words")


def explain(model: ImageCaptioner, raw: Raw) -> tuple[str, list[Any]]:
    """Returns the caption, and the attention of each of its words."""
    answer = model.generate(raw, return_attention=True)
    image = model.preprocess([raw])[0]
    attention = ImageAttention(answer["attention"], tuple(answer["words"]), image)
    return answer[model.answer_name], [attention]


def probe(model: ImageCaptioner, raws: Sequence[Raw]) -> Probe:
    """Replaces words of the caption; the output is the probabilities of the next."""
    captions = _generate_ids(model, raws)
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
