"""`rnnzoo demo`: presets on the examples that come with them."""

import os
from typing import Any

import click

import rnnzoo
from rnnzoo.cli.answers import answer_inputs, echo_doubt, in_words
from rnnzoo.cli.errors import reports_errors
from rnnzoo.cli.page import page_options, serve_page
from rnnzoo.core.quiet import import_tensorflow_quietly

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


@click.command("demo")
@click.option("--all", "shows_all", is_flag=True, help="Run every preset.")
@click.option(
    "--web", is_flag=True, help="Serve the page of models to this machine instead."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Of --web.  [default: a free one]"
)
@page_options
@reports_errors
def command(shows_all: bool, web: bool, port: int | None, **options: Any) -> None:
    """Run pretrained models on the examples that come with them, one of each kind.

    The demo samples with a fixed seed and shows 40 words of a text at most.

    --web serves a page on 127.0.0.1 that runs and explains the models in the browser,
    and prints its address. For the other options see `rnnzoo page --help`.
    """
    if web:
        if shows_all:
            raise click.UsageError("Give --all or --web, not both.")
        serve_page(port or 0, **options)
        return
    if port is not None or any(options.values()):
        raise click.UsageError("These options belong to --web.")
    run_demo(shows_all)


def run_demo(shows_all: bool = False) -> None:
    """Prints the answers of models to their examples.

    Args:
        shows_all: Whether to run every preset, not one of each kind. Default `False`.
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
