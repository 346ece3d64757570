"""The command line of a training script."""

import sys
from collections.abc import Callable
from typing import Any

from rnnzoo.core.quiet import hush_absl
from training.core.config import Config, read_config
from training.core.divergence import DivergedError
from training.core.interruption import StoppedError


def run_script(
    config_class: type[Config],
    train: Callable[[Config], dict[str, Any]],
    description: str | None,
) -> None:
    """Reads the command line and trains; errors become one line and an exit status.

    Args:
        config_class: Settings of the script.
        train: Trains as the settings say.
        description: What `--help` says on top.
    """
    hush_absl()
    try:
        train(read_config(config_class, description, sys.argv[1:]))
    except StoppedError as error:
        print(error, file=sys.stderr)
        raise SystemExit(128 + error.signal) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # before there was anything to save
    except BrokenPipeError:
        raise  # whoever read the output has gone
    except (DivergedError, ModuleNotFoundError, OSError, ValueError) as error:
        raise SystemExit(f"Error: {error}") from error
