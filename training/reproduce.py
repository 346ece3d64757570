"""Trains a published preset again.

    python -m training.reproduce sentiment_imdb_en --dry-run
    python -m training.reproduce sentiment_imdb_en --workdir runs/again

prints the command, the version of the data, the seed and the expected metrics, runs
the command, and sets what came out beside what was expected. A preset that is grown
from a language model has that trained first, in a folder beside its own, and so have
the classifier that it starts from and those that judged its unlabelled texts. A run
that was stopped goes on; one that is finished is used.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from rnnzoo.core.quiet import hush_absl
from rnnzoo.datasets import open_dataset
from training.core import run_folder
from zoo_models.core.presets import find_preset, read_metadata

# Of training.train_sentiment: folders of finished runs, and the preset of one.
OWN_MODELS = "--own-models"
START_FROM = "--start-from"


class ForeignCommandError(ValueError):
    """A command that is none of the project's."""


def describe(preset: str | Path) -> dict[str, Any]:
    """What is needed to train a preset again.

    Returns:
        `command`, a list of words without the interpreter; `first`, that of the
        language model it is grown from, or `None`; `started_from`, that of the
        classifier it starts from, or `None`; `judges`, those of the classifiers
        that judged its unlabelled texts; `dataset` and `version`; `seed`;
        `expected`, metrics on the test split by name, and the number of `examples`
        they were measured on, if it is known; `minutes` and `cores`.

    Raises:
        ValueError: If there is no such preset, or it does not say how it was made.
    """
    metadata = read_metadata(find_preset(preset))
    try:
        training, dataset = metadata["training"], metadata["dataset"]
        (result, *_) = metadata["evaluations"]
        found = {
            "command": _read_command(training["command"]),
            "first": None,
            "started_from": None,
            "judges": [],
            "dataset": dataset["name"],
            "version": dataset["version"],
            "seed": training["seed"],
            "examples": result.get("num_examples"),
            "expected": {
                name: value
                for name, value in result["metrics"].items()
                if not isinstance(value, str)
            },
            "minutes": training["minutes"],
            "cores": training["environment"]["cores"],
        }
    except ForeignCommandError:
        raise
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"{preset} does not say how it was made: no {error} in its metadata.json"
        ) from error
    before = metadata.get("started_from", {})
    if before:
        found["started_from"] = _read_command(before["command"])
    first = before.get("grown_from", metadata.get("grown_from"))
    if first:
        found["first"] = _read_command(first)
    found["judges"] = [_read_command(judge) for judge in metadata.get("judged_by", [])]
    return found


def _without(command: list[str], option: str) -> list[str]:
    """A command without an option and the values that follow it."""
    if option not in command:
        return command
    start = command.index(option)
    end = start + 1
    while end < len(command) and not command[end].startswith("--"):
        end += 1
    return [*command[:start], *command[end:]]


def _read_command(command: str) -> list[str]:
    """The words of a command after `python`.

    Raises:
        ForeignCommandError: If it is another. A preset may come from anywhere: only the
            project's own scripts are run.
    """
    words = shlex.split(command)
    script = words[2] if len(words) > 2 else ""
    if words[:2] != ["python", "-m"] or not re.fullmatch(
        r"training\.train_\w+", script
    ):
        raise ForeignCommandError(
            "The command of a preset must be `python -m training.train_…`. Received: "
            f"{command!r}"
        )
    return words[1:]


def compare(
    expected: dict[str, float], workdir: Path, examples: int | None = None
) -> list[str]:
    """Lines with each expected metric beside that of a finished run, and one that says
    so if the run measured another number of examples than the `examples` expected."""
    path = workdir / run_folder.METRICS
    received = json.loads(path.read_text(encoding="utf-8"))["test"]
    lines = [
        f"{name}: {received[name]:.4f}, expected {value:.4f}, "
        f"difference {received[name] - value:+.4f}"
        for name, value in expected.items()
        if name in received
    ]
    measured = received.get("examples", examples)
    if examples is not None and measured != examples:
        lines.append(
            f"The run measured {measured:,} examples, the preset {examples:,}: see "
            "--help of the script, and `rnnzoo evaluate`."
        )
    return lines


def _run(command: list[str], workdir: Path, places: list[str]) -> None:
    """Runs a script in a folder, from where it stopped; ends with its exit code."""
    words = [sys.executable, *command, "--workdir", str(workdir), "--resume", *places]
    result = subprocess.run(words)
    if result.returncode:
        raise SystemExit(result.returncode)


def _run_before(
    command: list[str], workdir: Path, name: str, places: list[str]
) -> Path:
    """Runs what another run needs, unless it is finished; its folder, which lies beside
    that of the other."""
    folder = workdir.with_name(f"{workdir.name}-{name}")
    if not (folder / run_folder.METRICS).is_file():
        _run(command, folder, places)
    return folder


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
        if recipe["first"]:
            click.echo(f"first     {shlex.join(['python', *recipe['first']])}")
        if recipe["started_from"]:
            click.echo(f"start     {shlex.join(['python', *recipe['started_from']])}")
        for judge in recipe["judges"]:
            click.echo(f"judge     {shlex.join(['python', *judge])}")
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
    places: list[str] = []
    if data_dirs:
        places += ["--data-dir", *data_dirs]
    if manual_dir:
        places += ["--manual-dir", manual_dir]
    start: list[str] = []
    if recipe["first"]:
        grown_from = _run_before(recipe["first"], workdir, "language-model", places)
        start = ["--language-model", str(grown_from)]
    judges = [
        str(_run_before([*judge, *start], workdir, f"judge-{number}", places))
        for number, judge in enumerate(recipe["judges"], start=1)
    ]
    command = recipe["command"]
    if recipe["started_from"]:
        before = [*recipe["started_from"], *start]
        folder = _run_before(before, workdir, "start", places)
        start = [START_FROM, str(folder / run_folder.PRESET)]
        command = _without(command, START_FROM)
    if judges:
        command = [*_without(command, OWN_MODELS), OWN_MODELS, *judges]
    command = [*command, *start]
    _run(command, workdir, places)
    for line in compare(recipe["expected"], workdir, recipe["examples"]):
        click.echo(line)


if __name__ == "__main__":
    main(prog_name="python -m training.reproduce")
