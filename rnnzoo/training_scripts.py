"""The training scripts: where they are, and how the command line runs them.

In a checkout they are the package `training` beside this one. A wheel holds them in a
folder that is no package, for `training` is too common a name to be given to everybody
who installs rnnzoo; it is looked into by `rnnzoo train` alone.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

INSTALLED = "rnnzoo_scripts"
PACKAGE = "training"
PREFIX = "train_"


def find_scripts(root: Path | None = None) -> Path:
    """The folder that holds the package of the scripts.

    Args:
        root: Folder of this package. Default: where it is.

    Raises:
        FileNotFoundError: If they are missing.
    """
    root = root or Path(__file__).resolve().parents[1]
    for folder in (root / INSTALLED, root):
        # Somebody else's package of that name would have no such file.
        if (folder / PACKAGE / "core" / "run_folder.py").is_file():
            return folder
    raise FileNotFoundError(
        f"The training scripts are neither in {root / INSTALLED}, as in a wheel, nor "
        f"in {root / PACKAGE}, as in a checkout. Install rnnzoo anew, with "
        "pip install --force-reinstall 'rnnzoo[train]', or run them in a checkout."
    )


def list_scripts() -> list[str]:
    """The names of the scripts that train, as `run_script` takes them."""
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
        ModuleNotFoundError: If a package that they need is.
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
    # Before all others, here and in what the script starts.
    sys.path.insert(0, str(folder))
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.argv = [found[0], *args]
    runpy.run_module(f"{PACKAGE}.{found[0]}", run_name="__main__", alter_sys=True)
