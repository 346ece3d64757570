"""Recipes: the stages that train a preset, in `training/recipes/<preset>.toml`.

Each table of a recipe is a stage. It names a script and the settings that differ from
the defaults of that script. In a text, `{stage}` is the folder of an earlier stage.
"""

import importlib
import shutil
import tomllib
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from training.core import run_folder
from training.core.config import HANDLING, SMOKE_FOLDER, TrainingConfig
from training.core.interruption import StoppedError
from training.core.options import convert

FOLDER = Path(__file__).parents[1] / "recipes"


def load_recipe(name: str) -> dict[str, dict[str, Any]]:
    """Returns the stages of a recipe in order: the settings of each, with its `script`.

    Raises:
        ValueError: If there is no such recipe.
    """
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        known = sorted(path.stem for path in FOLDER.glob("*.toml"))
        near = get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"--recipe must be one of {known}. Received: {name!r}.{hint}")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def configure(
    stages: dict[str, dict[str, Any]], workdir: Path, given: dict[str, Any]
) -> dict[str, TrainingConfig]:
    """Returns the configuration of each stage.

    Args:
        stages: The recipe.
        workdir: Folder that holds a folder for each stage.
        given: Settings of the command line; each applies to the stages that have it.

    Raises:
        ValueError: If a setting of the recipe is unknown or has another type.
    """
    folders = {stage: (workdir / stage).as_posix() for stage in stages}
    configs = {}
    for stage, settings in stages.items():
        config_class = importlib.import_module(f"training.{settings['script']}").Config
        known = {part.name for part in fields(config_class)}
        own = {
            name: value.format(**folders) if isinstance(value, str) else value
            for name, value in settings.items()
            if name != "script"
        }
        more = {name: value for name, value in given.items() if name in known}
        configs[stage] = config_class(
            **{
                **convert(config_class, own),
                **more,
                "workdir": workdir / stage,
                "resume": True,
                "recipe": "",
            }
        )
    # A run with other settings than the recipe's is not a run of the recipe.
    if set(given) <= set(HANDLING):
        configs[list(stages)[-1]].recipe = given.get("recipe", "")
    return configs


def run_recipe(script: str, given: dict[str, Any]) -> None:
    """Runs the stages of a recipe that are not finished.

    Args:
        script: Module of the script that was started.
        given: Settings of the command line, `recipe` among them.

    Raises:
        StoppedError: On SIGTERM or Ctrl-C, when a checkpoint is written.
        ValueError: If the recipe belongs to another script.
    """
    name = given["recipe"]
    stages = load_recipe(name)
    last = f"training.{list(stages.values())[-1]['script']}"
    if script != last:
        raise ValueError(f"{name} is a recipe of {last}. Received: {script}")
    workdir = given.get("workdir")
    if workdir is None and given.get("smoke"):
        workdir = SMOKE_FOLDER / name
        shutil.rmtree(workdir, ignore_errors=True)
    configs = configure(stages, workdir or Path("runs") / name, given)
    for stage, config in configs.items():
        if (config.workdir / run_folder.METRICS).is_file():
            print(f"Stage {stage} is finished: {config.workdir}")
            continue
        print(f"Stage {stage} runs in {config.workdir}", flush=True)
        try:
            importlib.import_module(config.script).train(config)
        except StoppedError as error:
            message = f"Stopped in stage {stage}. Repeat the command to continue."
            raise StoppedError(error.signal, message) from error
