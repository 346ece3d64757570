"""The command `rnnzoo`."""

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import click

import rnnzoo
from rnnzoo.quiet import import_tensorflow_quietly

PRESET_HELP = "PRESET is a name that `rnnzoo list` shows, or a folder of your own."


def reports_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turns errors that the library explains into one line and exit code 1."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except BrokenPipeError:
            raise  # click ends quietly when nobody reads on
        except (OSError, TypeError, ValueError) as error:
            raise click.ClickException(str(error)) from error

    return wrapper


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(rnnzoo.__version__)
def main() -> None:
    """Pretrained plain (Elman) recurrent networks.

    \b
    rnnzoo list
    rnnzoo demo
    rnnzoo predict sentiment_imdb_en "What a film!"
    rnnzoo evaluate sentiment_imdb_en --data-dir ~/tensorflow_datasets
    rnnzoo export sentiment_imdb_en models
    rnnzoo serve models
    """


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
                preset.task.partition(" (")[0],
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
@reports_errors
def demo() -> None:
    """Run every pretrained model on the examples that come with it."""
    import_tensorflow_quietly()
    for preset in rnnzoo.list_presets():
        click.secho(f"{preset.name}: {preset.task}", bold=True)
        model = rnnzoo.ZooModel.from_preset(preset.name)
        answers = _answer(model, preset.examples, None)
        for example, answer in zip(preset.examples, answers, strict=True):
            is_text = model.input_kind == "text"
            shown = example if is_text else os.path.basename(example)
            if model.verb == "generate":
                click.echo(f"  {shown}\n    {_in_words(answer)}")
            else:
                click.echo(f"  {_in_words(answer)}  {shown}")


@main.command(epilog=PRESET_HELP)
@click.argument("preset")
@click.argument("inputs", nargs=-1)
@click.option(
    "--file", type=click.File("rb"), help="Read one input a line; - is stdin."
)
@click.option("--top", type=click.IntRange(1), help="Give the best TOP answers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value a line.")
@click.option(
    "--url", help="Ask the model PRESET of a server, such as http://127.0.0.1:8501."
)
@reports_errors
def predict(
    preset: str,
    inputs: tuple[str, ...],
    file: Any,
    top: int | None,
    as_json: bool,
    url: str | None,
) -> None:
    """Answer INPUTS, the lines of a file, or those of standard input.

    \b
    rnnzoo predict sentiment_imdb_en "What a film!" "Dull from start to end."
    rnnzoo predict image_classifier_mnist digit.png scan.jpg
    rnnzoo predict sentiment_imdb_en --file reviews.txt --json > answers.jsonl
    echo "What a film!" | rnnzoo predict sentiment_imdb_en
    rnnzoo predict sentiment_imdb_en "Dull." --url http://127.0.0.1:8501
    """
    if inputs and file:
        raise click.UsageError("Give INPUTS or --file, not both.")
    if not inputs and not file:
        if sys.stdin.isatty():
            raise click.UsageError("Give INPUTS or --file, or pipe them in.")
        file = sys.stdin.buffer
    lines: list[Any] = [*inputs] or [line.rstrip(b"\r\n") for line in file]
    model: Any
    if url is not None:
        model = rnnzoo.serving.Client(url, preset)
    else:
        import_tensorflow_quietly()
        model = rnnzoo.ZooModel.from_preset(preset)
    if model.input_kind == "image":
        lines = [os.fsdecode(line) for line in lines]  # paths
    for line, answer in zip(lines, _answer(model, lines, top), strict=True):
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        elif model.verb == "generate":
            click.echo(_in_words(answer))
        else:
            shown = line if isinstance(line, str) else line.decode(errors="replace")
            click.echo(f"{_in_words(answer)}  {shown}")


def _answer(model: Any, inputs: Any, top: int | None) -> Any:
    if model.verb == "generate":
        return model.generate(inputs, num_return=top, return_scores=True)
    return model.classify(inputs, top=top)


def _in_words(answer: dict[str, Any] | Iterable[dict[str, Any]]) -> str:
    answers = [answer] if isinstance(answer, dict) else [*answer]
    if "label" in answers[0]:
        return "  ".join(f"{a['label']} {a['score']:.3f}" for a in answers)
    return "\n".join(v for a in answers for v in a.values() if isinstance(v, str))


def _figures(result: dict[str, Any], form: str) -> list[tuple[str, str]]:
    """The metrics that are numbers, in print."""
    return [
        (name, format(value, form))
        for name, value in result["metrics"].items()
        if not isinstance(value, str)
    ]


def data_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say where data sets are."""
    for option in (
        click.option("--download", is_flag=True, help="Fetch a set that is missing."),
        click.option("--manual-dir", help="Folder of files downloaded by hand."),
        click.option(
            "--data-dir",
            "data_dirs",
            multiple=True,
            help="Folder of prepared TFDS sets; may be given several times. Default: "
            "$TFDS_DATA_DIR, build/tfds, ~/tensorflow_datasets.",
        ),
    ):
        command = option(command)
    return command


@main.command(epilog=PRESET_HELP)
@click.argument("preset")
@click.option("--split", help="Split of the data set.  [default: test]")
@click.option("--dataset", help="A TFDS set.  [default: the preset's own]")
@click.option("--limit", type=click.IntRange(1), help="Use the first LIMIT examples.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
@data_options
@reports_errors
def evaluate(preset: str, as_json: bool, **options: Any) -> None:
    """Measure a model on a split of a data set.

    \b
    rnnzoo evaluate sentiment_imdb_en --data-dir ~/tensorflow_datasets
    rnnzoo evaluate runs/mine/preset --split test --limit 1000 --json
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
        for metric, value in _figures(result, ".4f"):
            click.echo(f"  {metric}  {value}")


@main.command(epilog=PRESET_HELP)
@click.argument("preset")
@click.argument("base", type=click.Path(file_okay=False))
@click.option("--version", type=click.IntRange(1), default=1, show_default=True)
@click.option("--name", help="Name of the model.  [default: the preset's]")
@click.option(
    "--format",
    type=click.Choice(["saved_model", "litert"]),
    default="saved_model",
    show_default=True,
    help="litert is for classifiers: ids or pixels in, no strings.",
)
@reports_errors
def export(preset: str, base: str, version: int, name: str | None, format: str) -> None:
    """Write a model to BASE/<name>/<version>, for TensorFlow Serving or LiteRT.

    What goes in and comes out is in its signature.json. A version that is there already
    is never overwritten.

    \b
    rnnzoo export sentiment_imdb_en models
    rnnzoo export image_classifier_mnist phones --format litert
    saved_model_cli show --dir models/sentiment_imdb_en/1 --all
    """
    import_tensorflow_quietly()
    model = rnnzoo.ZooModel.from_preset(preset)
    click.echo(model.export(base, version, name, format))


@main.command(context_settings={"show_default": True})
@click.argument("base", type=click.Path(exists=True, file_okay=False))
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
    """Serve all models below BASE as TensorFlow Serving does: REST and gRPC.

    \b
    rnnzoo export sentiment_imdb_en models
    rnnzoo serve models
    curl -d '{"instances": ["What a film!"]}' \\
        http://127.0.0.1:8501/v1/models/sentiment_imdb_en:predict

    A new version in BASE/<model>/<version> takes over once it is loaded. /healthz
    tells whether it is up, /metrics what it did; logs are JSON, a line each. SIGTERM
    or Ctrl-C ends it when it has answered what it took. Needs rnnzoo[serve].
    """
    import_tensorflow_quietly()
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
