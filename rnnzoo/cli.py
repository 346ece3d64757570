"""The command `rnnzoo`."""

import contextlib
import dataclasses
import json
import os
import tempfile
from typing import Any

import click

import rnnzoo
from rnnzoo.answers import figures_of
from rnnzoo.demo import run_demo
from rnnzoo.errors import reports_errors
from rnnzoo.page.command import page, page_options, serve_page
from rnnzoo.predict import PRESET_HELP, predict
from rnnzoo.quiet import import_tensorflow_quietly
from rnnzoo.training_scripts import list_scripts, run_script


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


main.add_command(page)
main.add_command(predict)


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print all there is, as JSON.")
@reports_errors
def list_command(as_json: bool) -> None:
    """Show the pretrained models: task, size, metric and licence.

    The metric is that of the first split in the model's card; --json has them all.
    """
    presets = rnnzoo.list_presets()
    if as_json:
        known = [dataclasses.asdict(preset) for preset in presets]
        click.echo(json.dumps(known, indent=2, ensure_ascii=False))
        return
    header = ("preset", "task", "params", "MB", "metric", "licence")
    rows = [header]
    for preset in presets:
        value = preset.evaluations[0]["metrics"][preset.metric]
        rows.append(
            (
                preset.name,
                preset.task.partition(" of ")[0],
                f"{preset.parameters / 1e6:.2f} M",
                f"{preset.megabytes:.1f}",
                f"{preset.metric} {value:.4g}",
                preset.licence,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


@main.command()
@click.option("--all", "shows_all", is_flag=True, help="Run every preset.")
@click.option(
    "--web", is_flag=True, help="Serve the page of models to this machine, instead."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Of --web.  [default: a free one]"
)
@page_options
@reports_errors
def demo(shows_all: bool, web: bool, port: int | None, **options: Any) -> None:
    """Run pretrained models on the examples that come with them, one of each kind.

    What is written by chance is the same each time here, and of texts 40 words are
    shown; `predict` draws anew and shows all.

    With --web they run in the browser, on a page of rooms that show how they do it;
    its address is printed, and 127.0.0.1 alone can reach it. The other options belong
    to it: see `rnnzoo page --help`.
    """
    if web:
        if shows_all:
            raise click.UsageError("Give --all or --web, not both.")
        serve_page(port or 0, **options)
        return
    if port is not None or any(options.values()):
        raise click.UsageError("These options belong to --web.")
    run_demo(shows_all)


@main.command(epilog=PRESET_HELP)
@click.argument("preset")
@click.option("--split", help="Split.  [default: test; of a folder all]")
@click.option("--dataset", help="A TFDS set.  [default: the preset's own]")
@click.option("--folder", help="Your own images/ and captions.json, for a captioner.")
@click.option("--limit", type=click.IntRange(1), help="Use the first LIMIT examples.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
@click.option("--download", is_flag=True, help="Fetch a set that is missing.")
@click.option("--manual-dir", help="Folder of files downloaded by hand.")
@click.option(
    "--data-dir",
    "data_dirs",
    multiple=True,
    help="Folder of prepared TFDS sets; may be given several times. Default: "
    "$TFDS_DATA_DIR, build/tfds, ~/tensorflow_datasets.",
)
@reports_errors
def evaluate(preset: str, as_json: bool, **options: Any) -> None:
    """Measure a model on a split of a data set, a captioner on a folder as well.

    \b
    rnnzoo evaluate sentiment_en --data-dir ~/tensorflow_datasets
    rnnzoo evaluate runs/mine/preset --split test --limit 1000 --json
    rnnzoo evaluate captioner_flickr8k_en --folder holiday --split "all[:100]"
    """
    import_tensorflow_quietly()
    results = rnnzoo.evaluate_preset(preset, **options)
    if as_json:
        output = results[0] if len(results) == 1 else results
        click.echo(json.dumps(output, indent=2))
        return
    for result in results:
        click.echo(
            f"{result['preset']} on {result['num_examples']:,} examples of "
            f"{result['dataset']}, split {result['split']}"
        )
        for metric, value in figures_of(result, ".4f"):
            click.echo(f"  {metric}  {value}")


@main.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("script", required=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@reports_errors
def train(script: str | None, options: tuple[str, ...]) -> None:
    """Run a training SCRIPT with its OPTIONS; without one, show which there are.

    \b
    rnnzoo train sentiment --help
    rnnzoo train sentiment --smoke
    rnnzoo train sentiment --data-dir ~/tensorflow_datasets --workdir runs/1

    In a checkout, python -m training.train_sentiment is the same. Needs rnnzoo[train].
    """
    if script is None:
        click.echo("\n".join(list_scripts()))
        return
    try:
        run_script(script, options)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error}. Training needs more: pip install 'rnnzoo[train]'"
        ) from error


@main.command(epilog=PRESET_HELP)
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
    help="What weights are stored as in onnx; exact is float16 where nothing is lost.  "
    "[default: exact]",
)
@reports_errors
def export(
    preset: str,
    base: str,
    version: int,
    name: str | None,
    format: str,
    weights: str | None,
) -> None:
    """Write a model to BASE/<name>/<version>: for TensorFlow Serving, LiteRT or ONNX.

    What goes in and comes out is in its signature.json. A version that is there already
    is never overwritten.

    \b
    rnnzoo export sentiment_en models
    rnnzoo export image_classifier_mnist phones --format litert
    rnnzoo export sentiment_en light --format onnx
    saved_model_cli show --dir models/sentiment_en/1 --all
    """
    import_tensorflow_quietly()
    model = rnnzoo.ZooModel.from_preset(preset)
    click.echo(model.export(base, version, name, format, weights))


@main.command(epilog=PRESET_HELP)
@click.argument("preset")
@click.argument("input")
@click.option(
    "--output",
    type=click.Path(dir_okay=False),
    help="Picture to write: .png, .svg or .pdf. Needs rnnzoo[plots].",
)
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@reports_errors
def explain(preset: str, input: str, output: str | None, as_json: bool) -> None:
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


@main.command(context_settings={"show_default": True})
@click.argument("base", metavar="BASE_OR_PRESET")
@click.option("--rest-port", type=click.IntRange(0, 65535), default=8501)
@click.option("--grpc-port", type=click.IntRange(0, 65535), default=8500)
@click.option(
    "--host", default="127.0.0.1", help="0.0.0.0 opens it to the network, unguarded."
)
@click.option(
    "--max-batch-size",
    type=click.IntRange(1),
    default=32,
    help="Rows that a model answers at once; 1 switches batching off.",
)
@click.option(
    "--batch-wait-ms",
    type=click.FloatRange(0),
    default=20.0,
    help="How long a row waits for others, at most; a lone client's never waits.",
)
@click.option(
    "--max-queue",
    type=click.IntRange(1),
    default=1024,
    help="Rows that may wait for a model; over it, 503 at once.",
)
@click.option("--max-body-mb", type=click.IntRange(1), default=16, help="Over it, 413.")
@click.option(
    "--poll-seconds",
    type=click.FloatRange(0.01),
    default=1.0,
    help="Time between two looks at BASE.",
)
@click.option(
    "--num-versions",
    type=click.IntRange(1),
    default=1,
    help="How many of a model's newest versions to serve.",
)
@click.option("--log-requests", is_flag=True, help="Log each request.")
@reports_errors
def serve(base: str, batch_wait_ms: float, max_body_mb: int, **settings: Any) -> None:
    """Serve all models below a folder as TensorFlow Serving does: REST and gRPC.

    \b
    rnnzoo serve sentiment_en
    rnnzoo export sentiment_en models && rnnzoo serve models
    curl -d '{"instances": ["What a film!"]}' \\
        http://127.0.0.1:8501/v1/models/sentiment_en:predict

    A preset is exported into a folder of its own first, which is gone at the end. Of a
    folder BASE all models are served: a new version in BASE/<model>/<version> takes
    over once it is loaded. GET / says what is there, /healthz whether it is up, and
    /metrics what it did; logs are JSON, a line each. SIGTERM or Ctrl-C ends it when it
    has answered what it took. Needs rnnzoo[serve].
    """
    known = [preset.name for preset in rnnzoo.list_presets()]
    is_folder = os.path.isdir(base)
    is_own = os.path.isfile(os.path.join(base, "config.json"))
    is_preset = is_own or (base in known and not is_folder)
    if not is_folder and not is_preset:
        raise click.BadParameter(
            f"{base!r} does not exist: neither a folder of models nor a preset, which "
            f"are {', '.join(known)}"
        )
    import_tensorflow_quietly()
    with contextlib.ExitStack() as stack:
        if is_preset:
            model = rnnzoo.ZooModel.from_preset(base)
            base = stack.enter_context(tempfile.TemporaryDirectory(prefix="rnnzoo-"))
            model.export(base)
        try:
            server = rnnzoo.serving.Server(
                base,
                rnnzoo.serving.ServerSettings(
                    batch_wait=batch_wait_ms / 1000,
                    max_body=max_body_mb * 2**20,
                    **settings,
                ),
            )
        except ImportError as error:
            raise click.ClickException(
                f"{error}. Serving needs more: pip install 'rnnzoo[serve]'"
            ) from error
        rnnzoo.serving.log_to_stderr()
        server.run()
