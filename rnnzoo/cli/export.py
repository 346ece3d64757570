"""`rnnzoo export`: a preset as SavedModel, LiteRT or ONNX."""

import click

import rnnzoo
from rnnzoo.cli.errors import PRESET_HELP, reports_errors
from rnnzoo.core.quiet import import_tensorflow_quietly


@click.command("export", epilog=PRESET_HELP)
@click.argument("preset")
@click.argument("base", type=click.Path(file_okay=False))
@click.option("--version", type=click.IntRange(1), default=1, show_default=True)
@click.option("--name", help="Name of the model.  [default: the preset's]")
@click.option(
    "--format",
    type=click.Choice(["saved_model", "litert", "onnx"]),
    default="saved_model",
    show_default=True,
    help="litert is for classifiers: ids or pixels in, no strings. onnx needs "
    "rnnzoo[onnx].",
)
@click.option(
    "--weights",
    type=click.Choice(["exact", "float32", "float16", "int8"]),
    help="Type of the weights in onnx; exact is float16 where that is lossless.  "
    "[default: exact]",
)
@reports_errors
def command(
    preset: str,
    base: str,
    version: int,
    name: str | None,
    format: str,
    weights: str | None,
) -> None:
    """Write a model to BASE/<name>/<version>: for TensorFlow Serving, LiteRT or ONNX.

    Its signature.json describes inputs and outputs. An existing version is never
    overwritten.

    \b
    rnnzoo export sentiment_en models
    rnnzoo export image_classifier_mnist phones --format litert
    rnnzoo export sentiment_en light --format onnx
    saved_model_cli show --dir models/sentiment_en/1 --all
    """
    import_tensorflow_quietly()
    model = rnnzoo.ZooModel.from_preset(preset)
    click.echo(model.export(base, version, name, format, weights))
