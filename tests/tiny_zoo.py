"""A tiny model of each row of the table of models, and inputs for it."""

import numpy as np

from tests.conftest import make_classifier, seed
from tests.tiny_captioner import CLASS_WORDS, IMAGES, make_captioner
from tests.tiny_language_model import TEXTS, make_language_model
from tests.tiny_translator import PAIRS, make_translator
from zoo_models.core.presets import FOLDERS


def make_image_classifier():
    from rnnzoo import ImageClassifier

    return ImageClassifier((5, 4, 1), labels=["dark", "bright"], units=[3])


def make_copying_captioner():
    return make_captioner(class_words=CLASS_WORDS, num_words=2)


PICTURES = [np.full((6, 7), value, "uint8") for value in (10, 240)]
TINY = {
    "ImageCaptioner": (make_copying_captioner, IMAGES),
    "ImageClassifier": (make_image_classifier, PICTURES),
    "LanguageModel": (make_language_model, TEXTS),
    "SentimentClassifier": (make_classifier, ["a good film", "dull"]),
    "Translator": (make_translator, [*PAIRS]),
}
assert [*TINY] == [*FOLDERS], "a model has no tiny one"


def answers(model, inputs):
    """What a model says of inputs, with scores."""
    if model.verb == "classify":
        return model.classify(inputs, verbose=0)
    model.compile(sampler="greedy")  # some draw unless told otherwise
    return model.generate(inputs, max_length=5, return_scores=True, verbose=0)


def make_lively(class_name):
    """A calibrated model whose answers differ from input to input; it searches with
    beams."""
    make, inputs = TINY[class_name]
    for number in range(3, 20):  # backends draw differently
        seed(number)
        model = make()
        if model.verb == "generate":
            model.compile(sampler="beam")
        if class_name == "Translator":
            model.preprocessor.splits_sentences = True
        for variable in model.trainable_variables:
            variable.assign(3 * variable)
        model.calibrate(list(inputs) * 4, verbose=0)
        key = "score" if model.verb == "classify" else model.answer_name
        if len({answer[key] for answer in ask(model, inputs)}) > 1:
            return model
    raise AssertionError(f"no seed makes a {class_name} tell its inputs apart")


def ask(model, inputs):
    """What a model answers to inputs, with scores."""
    if model.verb == "classify":
        return model.classify(inputs, verbose=0)
    return model.generate(inputs, return_scores=True, verbose=0)
