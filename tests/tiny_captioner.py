"""A captioner of few weights, but for its encoder, and images it can tell apart."""

import numpy as np

GAIN = 4.0  # without it hardly anything of an image comes through the encoder
WORDS = ("a", "bright", "dark", "'s", "field", "night", "red", "room", "the")
IMAGES = [
    np.full((9, 7, 3), 250, "uint8"),
    np.zeros((8, 12, 3), "uint8"),
    np.full((7, 7, 3), (240, 20, 20), "uint8"),
]
CAPTIONS = [
    ["a bright field", "the bright field"],
    ["a dark night", "the dark dark night", "night"],
    ["the red room"],
]
# Classes that are called "field", "night" or "room"; all others have no word.
CLASS_WORDS = {
    "classes": [0, 1, 1, 2, *[-1] * 996],
    "words": [[8, 0], [9, 12], [10, 0]],
    "kinds": [3, 0, 5],
    "rare_ids": [10],
}


def make_captioner(**arguments):
    """An untrained captioner; its grid has two places to a side."""
    from rnnzoo import ImageCaptioner, ImageCaptionerPreprocessor
    from rnnzoo.images import ImagePreprocessor
    from rnnzoo.text import CaptionTokenizer, Vocabulary

    tokenizer = CaptionTokenizer(Vocabulary(WORDS), 6)
    settings = {
        "vocabulary_size": len(tokenizer.vocabulary),
        "image_size": 34,
        "embedding_dim": 8,
        "memory_dim": 7,
        "attention_dim": 3,
        "units": 5,
        "preprocessor": ImageCaptionerPreprocessor(
            ImagePreprocessor((34, 34, 3), "bicubic"), tokenizer
        ),
        **arguments,
    }
    model = ImageCaptioner(**settings)
    weights = [GAIN * values for values in model.encoder.get_weights()]
    model.encoder.set_weights(weights)
    return model
