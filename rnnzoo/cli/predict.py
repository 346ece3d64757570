"""`rnnzoo predict`: answers of a model in TensorFlow or ONNX Runtime."""

import json
import os
import sys
from typing import Any

import click

import rnnzoo
from rnnzoo.cli.answers import answer_inputs, echo_doubt, in_words
from rnnzoo.cli.errors import PRESET_HELP, reports_errors
from rnnzoo.cli.preset_runner import load_runner
from rnnzoo.core.quiet import import_tensorflow_quietly


@click.command("predict", epilog=PRESET_HELP)
@click.argument("preset")
@click.argument("inputs", nargs=-1)
@click.option(
    "--file", type=click.File("rb"), help="Read one input a line; - is stdin."
)
@click.option("--top", type=click.IntRange(1), help="Give the best TOP answers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value a line.")
@click.option(
    "--runtime",
    type=click.Choice(["tensorflow", "onnx"]),
    help="onnx starts in a fraction of the time: the first call exports PRESET into "
    "your cache, later ones need no TensorFlow. Needs rnnzoo[onnx].  "
    "[default: tensorflow]",
)
@reports_errors
def command(
    preset: str,
    inputs: tuple[str, ...],
    file: Any,
    top: int | None,
    as_json: bool,
    runtime: str | None,
) -> None:
    """Answer INPUTS, the lines of a file, or those of standard input.

    \b
    rnnzoo predict sentiment_en "What a film!" "Dull from start to end."
    rnnzoo predict image_classifier_mnist digit.png scan.jpg
    rnnzoo predict language_model_imdb_en "The film"
    rnnzoo predict sentiment_en --file reviews.txt --json > answers.jsonl
    echo "What a film!" | rnnzoo predict sentiment_en
    rnnzoo predict sentiment_en "Dull." --runtime onnx
    """
    if inputs and file:
        raise click.UsageError("Give INPUTS or --file, not both.")
    if not inputs and not file:
        if sys.stdin.isatty():
            raise click.UsageError("Give INPUTS or --file, or pipe them in.")
        file = sys.stdin.buffer
    lines: list[Any] = [*inputs] or [line.rstrip(b"\r\n") for line in file]
    if runtime == "onnx":
        model = load_runner(preset)
    else:
        import_tensorflow_quietly()
        model = rnnzoo.ZooModel.from_preset(preset)
    if model.input_kind == "image":
        lines = [os.fsdecode(line) for line in lines]  # paths
    for line, answer in zip(lines, answer_inputs(model, lines, top), strict=True):
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            shown = line if isinstance(line, str) else line.decode(errors="replace")
            shown = "" if model.verb == "generate" else f"  {shown}"
            click.echo(f"{in_words(answer)}{shown}")
            # Not among the answers, of which there is one a line.
            echo_doubt(answer, err=True)
