"""`rnnzoo explain`: the evidence behind one answer."""

import json

import click

import rnnzoo
from rnnzoo.cli.errors import PRESET_HELP, reports_errors
from rnnzoo.core.quiet import import_tensorflow_quietly


@click.command("explain", epilog=PRESET_HELP)
@click.argument("preset")
@click.argument("input")
@click.option(
    "--output",
    type=click.Path(dir_okay=False),
    help="Picture to write: .png, .svg or .pdf. Needs rnnzoo[plots].",
)
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@reports_errors
def command(preset: str, input: str, output: str | None, as_json: bool) -> None:
    """Explain the answer to INPUT, a text or the path of an image.

    \b
    sentiment: the evidence of each word, and the states
    images: the evidence of each pixel, or the attention for each word
    translations: the attention weights, and the evidence for each token
    language model: the evidence for the predicted word, and the states

    \b
    rnnzoo explain sentiment_en "Not bad at all." --output picture.svg
    rnnzoo explain captioner_flickr8k_en photograph.jpg --output picture.png
    rnnzoo explain sentiment_en "Not bad at all." --json
    """
    import_tensorflow_quietly()
    explanation = rnnzoo.explain(preset, input)
    if output is not None:
        explanation.plot(output)
    if as_json:
        click.echo(json.dumps(explanation.record(), ensure_ascii=False))
        return
    click.echo(f"{explanation.title}: {explanation.answer}")
    for line in explanation.lines():
        click.echo(f"  {line}")
