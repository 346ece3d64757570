"""`rnnzoo page` and `rnnzoo demo --web`: the models in the browser."""

import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rnnzoo.cli.errors import reports_errors


def page_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options of the page's content."""
    for option in (
        click.option(
            "--french",
            "with_french",
            is_flag=True,
            help="With the translator to French, 13.5 MB more.",
        ),
        click.option(
            "--download",
            is_flag=True,
            help="Fetch onnxruntime-web from npm, checked, if the cache lacks it.",
        ),
        click.option(
            "--onnxruntime",
            metavar="FOLDER",
            type=click.Path(file_okay=False, exists=True),
            help="Folder of the package onnxruntime-web.  [default: the cache]",
        ),
    ):
        command = option(command)
    return command


@click.command("page")
@click.argument("folder", type=click.Path(file_okay=False))
@page_options
@reports_errors
def command(folder: str, **options: Any) -> None:
    """Write a page that runs the models in the browser into FOLDER.

    Any host of files can serve it; nothing is asked of any other. Needs rnnzoo[onnx].

    \b
    rnnzoo page public --download
    python -m http.server --directory public
    """
    written = write(folder, **options)
    size = sum(path.stat().st_size for path in written.rglob("*") if path.is_file())
    click.echo(f"{written}: {size / 1e6:.1f} MB")


def serve_page(port: int = 0, **options: Any) -> None:
    """Writes the page into a temporary folder and serves it until Ctrl-C or SIGTERM."""
    from rnnzoo.page.server import PageServer

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="rnnzoo-page-") as base:
            server = PageServer(write(Path(base) / "page", **options), port)
            click.echo(f"{server.url}\nCtrl-C ends it.")
            server.run()
    finally:
        signal.signal(signal.SIGTERM, before)


def write(folder: str | Path, **options: Any) -> Path:
    """Writes the page and prints its progress."""
    from rnnzoo.page.writer import write_page

    return write_page(
        folder, **options, report=lambda name: click.echo(f"  {name} …", err=True)
    )
