"""Pretrained models on the examples that come with them."""

import os

import click

import rnnzoo
from rnnzoo.answers import answer_inputs, echo_doubt, in_words
from rnnzoo.quiet import import_tensorflow_quietly

# One for each shape of sequence problem, and a text that goes on.
PRESETS = (
    "captioner_flickr8k_en",
    "image_classifier_mnist_rows",
    "language_model_imdb_en",
    "sentiment_en",
    "translator_en_de",
)
SEED = 1
LENGTH = 40  # words of a text at most
WIDTH = 88


def run_demo(shows_all: bool = False) -> None:
    """Prints what models make of their examples.

    Args:
        shows_all: Whether every preset is run, not one of each kind alone. Default
            `False`.
    """
    import_tensorflow_quietly()
    import keras

    for preset in rnnzoo.list_presets():
        if not shows_all and preset.name not in PRESETS:
            continue
        click.secho(f"{preset.name}: {preset.task}", bold=True)
        keras.utils.set_random_seed(SEED)
        model = rnnzoo.ZooModel.from_preset(preset.name)
        answers = answer_inputs(model, preset.examples, None, max_length=LENGTH)
        for example, answer in zip(preset.examples, answers, strict=True):
            is_text = model.input_kind == "text"
            shown = example if is_text else os.path.basename(example)
            if model.verb == "generate":
                text = click.wrap_text(in_words(answer), WIDTH, "    ", "    ")
                click.echo(f"  {shown}\n{text}")
            else:
                click.echo(f"  {in_words(answer)}  {shown}")
            echo_doubt(answer)
