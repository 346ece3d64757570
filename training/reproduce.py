"""Trains a published preset again.

    python -m training.reproduce sentiment_imdb_en --dry-run
    python -m training.reproduce sentiment_imdb_en --workdir runs/again

prints the command, the version of the data, the seed and the expected metrics, runs
the command, and sets what came out beside what was expected. A run that was stopped
goes on.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from rnnzoo.datasets import open_dataset
from rnnzoo.quiet import hush_absl
from training.core import run_folder
from zoo_models.core.presets import find_preset, read_metadata


def describe(preset: str | Path) -> dict[str, Any]:
    """What is needed to train a preset again.

    Returns:
        `command`, a list of words without the interpreter; `dataset` and `version`;
        `seed`; `expected`, metrics on the test split by name; `minutes` and `cores`.

    Raises:
        ValueError: If there is no such preset, or it does not say how it was made.
    """
    metadata = read_metadata(find_preset(preset))
    try:
        training, dataset = metadata["training"], metadata["dataset"]
        words = shlex.split(training["command"])
        (result, *_) = metadata["evaluations"]
        found = {
            "command": words[1:],
            "dataset": dataset["name"],
            "version": dataset["version"],
            "seed": training["seed"],
            "expected": {
                name: value
                for name, value in result["metrics"].items()
                if not isinstance(value, str)
            },
            "minutes": training["minutes"],
            "cores": training["environment"]["cores"],
        }
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"{preset} does not say how it was made: no {error} in its metadata.json"
        ) from error
    # A preset may come from anywhere: only the project's own scripts are run.
    script = words[2] if len(words) > 2 else ""
    if words[:2] != ["python", "-m"] or not re.fullmatch(
        r"training\.train_\w+", script
    ):
        raise ValueError(
            "The command of a preset must be `python -m training.train_…`. Received: "
            f"{training['command']!r}"
        )
    return found


def compare(expected: dict[str, float], workdir: Path) -> list[str]:
    """Lines with each expected metric beside that of a finished run."""
    path = workdir / run_folder.METRICS
    received = json.loads(path.read_text(encoding="utf-8"))["test"]
    return [
        f"{name}: {received[name]:.4f}, expected {value:.4f}, "
        f"difference {received[name] - value:+.4f}"
        for name, value in expected.items()
        if name in received
    ]


@click.command(help=__doc__)
@click.argument("preset")
@click.option("--dry-run", is_flag=True, help="Print all and run nothing.")
@click.option("--workdir", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
@click.option("--manual-dir", help="Folder of files downloaded by hand.")
@click.option("--download", is_flag=True, help="Fetch a set that is missing.")
def main(
    preset: str,
    dry_run: bool,
    workdir: Path | None,
    data_dirs: tuple[str, ...],
    manual_dir: str | None,
    download: bool,
) -> None:
    """Reads the command line, prints the recipe and runs it."""
    hush_absl()
    try:
        recipe = describe(preset)
        workdir = workdir or Path("runs") / f"{Path(preset).name}-again"
        expected = ", ".join(f"{k} {v:.4f}" for k, v in recipe["expected"].items())
        click.echo(f"command   {shlex.join(['python', *recipe['command']])}")
        click.echo(f"data      {recipe['dataset']} {recipe['version']}")
        click.echo(f"seed      {recipe['seed']}")
        click.echo(f"expected  {expected} on the test split")
        click.echo(f"took      {recipe['minutes']} minutes on {recipe['cores']} cores")
        click.echo(f"folder    {workdir}")
        if dry_run:
            return
        builder = open_dataset(recipe["dataset"], data_dirs, manual_dir, download)
        if str(builder.version) != recipe["version"]:
            raise ValueError(
                f"The preset was trained on {recipe['dataset']} {recipe['version']}. "
                f"Received: version {builder.version} in {builder.data_dir}"
            )
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    more = ["--workdir", str(workdir), "--resume"]
    if data_dirs:
        more += ["--data-dir", *data_dirs]
    if manual_dir:
        more += ["--manual-dir", manual_dir]
    result = subprocess.run([sys.executable, *recipe["command"], *more])
    if result.returncode:
        raise SystemExit(result.returncode)
    for line in compare(recipe["expected"], workdir):
        click.echo(line)


if __name__ == "__main__":
    main(prog_name="python -m training.reproduce")
