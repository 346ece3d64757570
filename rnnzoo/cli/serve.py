"""`rnnzoo serve`: models behind REST and gRPC."""

import contextlib
import os
import tempfile
from typing import Any

import click

import rnnzoo
from rnnzoo.cli.errors import reports_errors
from rnnzoo.core.quiet import import_tensorflow_quietly


@click.command("serve", context_settings={"show_default": True})
@click.argument("base", metavar="BASE_OR_PRESET")
@click.option("--rest-port", type=click.IntRange(0, 65535), default=8501)
@click.option("--grpc-port", type=click.IntRange(0, 65535), default=8500)
@click.option(
    "--host",
    default="127.0.0.1",
    help="0.0.0.0 opens it to the network, without protection.",
)
@click.option(
    "--max-batch-size",
    type=click.IntRange(1),
    default=32,
    help="Rows in a batch at most; 1 switches batching off.",
)
@click.option(
    "--batch-wait-ms",
    type=click.FloatRange(0),
    default=20.0,
    help="Time that a row waits for others at most; a single client never waits.",
)
@click.option(
    "--max-queue",
    type=click.IntRange(1),
    default=1024,
    help="Rows that may wait for a model; above it, status 503.",
)
@click.option(
    "--max-body-mb", type=click.IntRange(1), default=16, help="Above it, status 413."
)
@click.option(
    "--poll-seconds",
    type=click.FloatRange(0.01),
    default=1.0,
    help="Time between two scans of BASE.",
)
@click.option(
    "--num-versions",
    type=click.IntRange(1),
    default=1,
    help="Number of newest versions of each model to serve.",
)
@click.option("--log-requests", is_flag=True, help="Log each request.")
@reports_errors
def command(base: str, batch_wait_ms: float, max_body_mb: int, **settings: Any) -> None:
    """Serve all models below a folder as TensorFlow Serving does: REST and gRPC.

    \b
    rnnzoo serve sentiment_en
    rnnzoo export sentiment_en models && rnnzoo serve models
    curl -d '{"instances": ["What a film!"]}' \\
        http://127.0.0.1:8501/v1/models/sentiment_en:predict

    A preset is exported into a temporary folder first. The server loads a new version
    from BASE/<model>/<version> and then replaces the old one. /healthz returns the
    health and the models, /metrics the metrics. Each log line is JSON. After SIGTERM or
    Ctrl-C the server answers the open requests and stops. Needs rnnzoo[serve].
    """
    is_preset = not os.path.isdir(base) or os.path.isfile(
        os.path.join(base, "config.json")
    )
    if is_preset:
        rnnzoo.find_preset(base)
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
