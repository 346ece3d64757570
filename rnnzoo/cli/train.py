"""`rnnzoo train`: the training scripts.

In a checkout they are the package `training` beside this one. A wheel holds them in the
folder `rnnzoo_scripts`, because the name `training` is too common for a package that
everybody installs. Only `rnnzoo train` looks there.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from rnnzoo.cli.errors import reports_errors

INSTALLED = "rnnzoo_scripts"
PACKAGE = "training"
PREFIX = "train_"


@click.command(
    "train",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("script", required=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@reports_errors
def command(script: str | None, options: tuple[str, ...]) -> None:
    """Run a training SCRIPT with its OPTIONS; without one, list the scripts.

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


def find_scripts(root: Path | None = None) -> Path:
    """Returns the folder that contains the package of the scripts.

    Args:
        root: Folder of this package. Default: its own.

    Raises:
        FileNotFoundError: If they are missing.
    """
    root = root or Path(__file__).resolve().parents[2]
    for folder in (root / INSTALLED, root):
        # Another package of that name has no such file.
        if (folder / PACKAGE / "core" / "run_folder.py").is_file():
            return folder
    raise FileNotFoundError(
        f"The training scripts are neither in {root / INSTALLED}, as in a wheel, nor "
        f"in {root / PACKAGE}, as in a checkout. Install rnnzoo anew, with "
        "pip install --force-reinstall 'rnnzoo[train]', or run them in a checkout."
    )


def list_scripts() -> list[str]:
    """Returns the names of the training scripts for `run_script`."""
    paths = (find_scripts() / PACKAGE).glob(f"{PREFIX}*.py")
    return sorted(path.stem.removeprefix(PREFIX) for path in paths)


def run_script(name: str, args: Sequence[str]) -> None:
    """Runs a script in this process, as `python -m training.<script>` does.

    Args:
        name: Name of its module, without `train_`: `sentiment`, or
            `publish`.
        args: Words of its command line.

    Raises:
        FileNotFoundError: If the scripts are missing.
        ModuleNotFoundError: If a package that they need is missing.
        ValueError: If there is no such script.
    """
    folder = find_scripts()
    stems = {path.stem for path in (folder / PACKAGE).glob("*.py")} - {"__init__"}
    found = [stem for stem in (PREFIX + name, name) if stem in stems]
    if not found:
        others = sorted(stem for stem in stems if not stem.startswith(PREFIX))
        raise ValueError(
            f"The script must be one of {list_scripts()}, or of {others}. Received: "
            f"{name!r}"
        )
    # Before all others, here and in child processes.
    sys.path.insert(0, str(folder))
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.argv = [found[0], *args]
    runpy.run_module(f"{PACKAGE}.{found[0]}", run_name="__main__", alter_sys=True)
