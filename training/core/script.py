"""The command line of a training script."""

import sys
from collections.abc import Callable
from typing import Any

from rnnzoo.core.quiet import hush_absl
from training.core.config import Config, make_config, program
from training.core.interruption import StoppedError
from training.core.options import parse_options
from training.core.recipe import run_recipe


def run_script(
    config_class: type[Config],
    train: Callable[[Config], dict[str, Any]],
    description: str | None,
) -> None:
    """Reads the command line and trains; errors become one line and an exit status.

    Args:
        config_class: Settings of the script.
        train: Trains one run.
        description: The text at the top of `--help`.
    """
    hush_absl()
    try:
        prog = program(config_class.script)
        given = parse_options(config_class, prog, description or "", sys.argv[1:])
        if given.get("recipe"):
            run_recipe(config_class.script, given)
        else:
            train(make_config(config_class, given))
    except StoppedError as error:
        print(error, file=sys.stderr)
        raise SystemExit(128 + error.signal) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # nothing was to be saved yet
    except BrokenPipeError:
        raise  # the reader of the output is gone
    except (ArithmeticError, ModuleNotFoundError, OSError, ValueError) as error:
        raise SystemExit(f"Error: {error}") from error
