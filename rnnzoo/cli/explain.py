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
    """Show what says most about the answer to INPUT, a text or the path of an image.

    \b
    sentiment: what each word says, as it is read, and the states
    images: what each pixel says, or where was looked for each word
    translations: what was looked at, and what made each piece
    language model: what made the word that is expected, and the states

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
