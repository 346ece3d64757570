"""The command `rnnzoo`."""

import importlib

import click

import rnnzoo

COMMANDS = (
    "list",
    "demo",
    "predict",
    "evaluate",
    "explain",
    "train",
    "export",
    "serve",
    "page",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(rnnzoo.__version__)
def main() -> None:
    """Pretrained plain (Elman) recurrent networks.

    \b
    rnnzoo list
    rnnzoo demo
    rnnzoo predict sentiment_en "What a film!"
    rnnzoo evaluate sentiment_en --data-dir ~/tensorflow_datasets
    rnnzoo train sentiment --data-dir ~/tensorflow_datasets
    rnnzoo explain sentiment_en "Not bad at all." --output picture.svg
    rnnzoo export sentiment_en models
    rnnzoo serve models
    rnnzoo demo --web
    """


for _name in COMMANDS:
    main.add_command(importlib.import_module(f"rnnzoo.cli.{_name}").command)
